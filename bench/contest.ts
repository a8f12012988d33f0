/**
 * One case of the benchmark, and the check that all contestants return the right output.
 *
 * @module
 */

/** A contestant's implementation of the operation of a case. */
export interface Runner<Input, Output> {
  readonly name: string;
  readonly run: (input: Input) => Output | Promise<Output>;
  /** The others are given as ratios to ours. */
  readonly isOurs?: boolean;
}

/** One operation, its inputs, and all contestants that have it. */
export interface Case<Input, Output> {
  readonly subject: string;
  readonly variant: string;
  /** Bytes of JSON, or of the stream if it contains no JSON. */
  readonly bytes: number;
  /** A batch uses all of them, so that no branch predictor adapts to a single one. */
  readonly inputs: readonly Input[];
  /** Concurrent operations; 1 by default. */
  readonly concurrency?: number;
  readonly runners: readonly Runner<Input, Output>[];
  /** Returns the text by which outputs are compared. */
  readonly comparable: (output: Output) => string | Promise<string>;
}

/** A runner with the right outputs, and its times. */
export interface Entrant<Input> {
  readonly name: string;
  readonly isOurs: boolean;
  readonly run: (input: Input) => unknown;
  readonly isAsynchronous: boolean;
  /** Passes through the inputs in a batch. */
  passes: number;
  /** Microseconds per operation, by round. */
  readonly times: number[];
  /** Microseconds of CPU time of the whole process per operation, by round; none where the runtime does not say. */
  readonly cpuTimes: number[];
}

/**
 * Runs every contestant on every input. A contestant that throws, or whose output differs from that of the first one,
 * is refused.
 *
 * @throws When one of our own contestants is wrong.
 */
export async function qualify<Input, Output>(
  { subject, variant, bytes, inputs, runners, comparable }: Case<Input, Output>,
): Promise<{ readonly entrants: readonly Entrant<Input>[]; readonly refused: Readonly<Record<string, string>> }> {
  const entrants: Entrant<Input>[] = [];
  const refused: Record<string, string> = {};
  let expected: string[] | undefined;
  for (const { name, run, isOurs = false } of runners) {
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
      if (outputs.some((output, index) => output !== expected?.[index])) fault = "returns a different output";
    } catch (error) {
      fault = `throws ${error instanceof Error ? error.message : String(error)}`;
    }
    if (fault === undefined) entrants.push({ name, isOurs, run, isAsynchronous, passes: 1, times: [], cpuTimes: [] });
    else if (isOurs) throw new Error(`${subject}, ${variant}, ${bytes} bytes: ${name} ${fault}`);
    else refused[name] = fault;
  }
  return { entrants, refused };
}
