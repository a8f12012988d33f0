/**
 * What is measured: contestants, the operation they all do, and whether they do it right.
 *
 * @module
 */

/** One way to do an operation. */
export interface Contestant<Input, Output> {
  readonly name: string;
  readonly run: (input: Input) => Output | Promise<Output>;
  /** Whether it is ours: the others are given as ratios to it. */
  readonly isOurs?: boolean;
}

/** One operation, the inputs it is done on, and all who do it. */
export interface Case<Input, Output> {
  readonly subject: string;
  readonly variant: string;
  /** Bytes of JSON, or of the stream where there is no JSON. */
  readonly bytes: number;
  /** A batch goes through all of them, so that no branch predictor learns a single one by heart. */
  readonly inputs: readonly Input[];
  /** How many operations are under way at a time; 1 by default. */
  readonly concurrency?: number;
  readonly contestants: readonly Contestant<Input, Output>[];
  /** Makes of an output what has to be equal. */
  readonly comparable: (output: Output) => string | Promise<string>;
}

/** A contestant that was found right, with the passes through the inputs that make a batch of it, and its times. */
export interface Entrant<Input> {
  readonly name: string;
  readonly isOurs: boolean;
  readonly run: (input: Input) => unknown;
  readonly isAsynchronous: boolean;
  passes: number;
  /** Microseconds per operation, by round. */
  readonly times: number[];
}

/**
 * Runs every contestant on every input. One that throws or gives another output than the first is refused.
 *
 * @throws When one of ours is not right: then nothing is worth measuring.
 */
export async function qualify<Input, Output>(
  { subject, variant, bytes, inputs, contestants, comparable }: Case<Input, Output>,
): Promise<{ readonly entrants: readonly Entrant<Input>[]; readonly refused: Readonly<Record<string, string>> }> {
  const entrants: Entrant<Input>[] = [];
  const refused: Record<string, string> = {};
  let expected: string[] | undefined;
  for (const { name, run, isOurs = false } of contestants) {
    const outputs: string[] = [];
    let isAsynchronous = false;
    let fault: string | undefined;
    try {
      for (const input of new Set(inputs)) {
        const output = run(input);
        isAsynchronous ||= output instanceof Promise;
        outputs.push(await comparable(await output));
      }
      expected ??= outputs;
      if (outputs.some((output, index) => output !== expected?.[index])) fault = "gives another output";
    } catch (error) {
      fault = `throws ${error instanceof Error ? error.message : String(error)}`;
    }
    if (fault === undefined) entrants.push({ name, isOurs, run, isAsynchronous, passes: 1, times: [] });
    else if (isOurs) throw new Error(`${subject}, ${variant}, ${bytes} bytes: ${name} ${fault}`);
    else refused[name] = fault;
  }
  return { entrants, refused };
}
