/**
 * The part of `node:test` that the suite uses, for runtimes without a test runner: workerd, edge-runtime, browsers,
 * QuickJS.
 *
 * Bundles replace `node:test` by this module. Tests run one after another, in the order of their registration.
 *
 * @module
 */

/** The result of one test: the record that every launcher reads. */
export interface TestRecord {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly message?: string;
  readonly diagnostics?: readonly string[];
  readonly milliseconds?: number;
}

/** The argument of a test. */
export interface TestContext {
  readonly name: string;
  skip(reason?: string): void;
  /** Runs when the test has ended, the last one first. */
  after(cleanUp: () => unknown): void;
  diagnostic(message: string): void;
}

export interface TestOptions {
  readonly skip?: boolean | string;
  /** Milliseconds, by default five minutes; ignored on runtimes without `setTimeout`. */
  readonly timeout?: number;
}

export type TestBody = (t: TestContext) => unknown;

export interface RegisteredTest {
  readonly name: string;
  readonly options: TestOptions;
  readonly body: TestBody;
}

/** The time limit of a test. It reports the test that hangs; the launcher's own limit can only report the runtime. */
const DEFAULT_TIMEOUT_MS = 5 * 60_000;

const registered: RegisteredTest[] = [];

/** Registers a test, as `node:test` does: `test(name, body)` or `test(name, options, body)`. */
export function test(name: string, ...rest: [TestBody] | [TestOptions, TestBody]): void {
  const [options, body] = rest.length === 2 ? rest : [{}, rest[0]];
  registered.push({ name, options, body });
}

export default test;

/** A test file of the bundle: its path, and the import that registers its tests. */
export type TestFile = readonly [path: string, load: () => Promise<unknown>];

/** Imports one file, and returns the tests that it registers. */
export async function loadTests(load: TestFile[1]): Promise<RegisteredTest[]> {
  registered.length = 0;
  await load();
  if (registered.length === 0) throw new Error("The file registered no test");
  return registered.splice(0);
}

/**
 * Imports each file in turn, runs its tests, and reports each outcome immediately.
 *
 * A file that cannot be imported, or that registers no test, is reported as a failed test.
 */
export async function runTests(
  files: readonly TestFile[],
  onRecord: (record: TestRecord) => unknown,
): Promise<void> {
  for (const [path, load] of files) {
    let tests: readonly RegisteredTest[] = [];
    try {
      tests = await loadTests(load);
    } catch (error) {
      await onRecord({ name: `import ${path}`, outcome: "failed", message: describe(error) });
    }
    for (const each of tests) {
      const startedAt = Date.now();
      const record = await runTest(each);
      await onRecord({ ...record, milliseconds: Date.now() - startedAt });
    }
  }
}

/** Runs one test to its end; never throws. */
export async function runTest({ name, options, body }: RegisteredTest): Promise<TestRecord> {
  if (options.skip) return { name, outcome: "skipped", message: options.skip === true ? "" : options.skip };
  let skipped: string | undefined;
  const diagnostics: string[] = [];
  const cleanUps: (() => unknown)[] = [];
  const context: TestContext = {
    name,
    skip: (reason = "") => void (skipped = reason),
    after: (cleanUp) => void cleanUps.unshift(cleanUp),
    diagnostic: (message) => void diagnostics.push(message),
  };
  try {
    await within(options.timeout ?? DEFAULT_TIMEOUT_MS, async () => {
      try {
        await body(context);
      } finally {
        for (const cleanUp of cleanUps) await cleanUp();
      }
    });
  } catch (error) {
    return { name, outcome: "failed", message: describe(error), diagnostics };
  }
  return skipped === undefined
    ? { name, outcome: "passed", diagnostics }
    : { name, outcome: "skipped", message: skipped, diagnostics };
}

async function within(milliseconds: number, body: () => Promise<unknown>): Promise<void> {
  if (typeof setTimeout !== "function") return void await body();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Test took longer than ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([body(), expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Formats a thrown value: name, message and stack. Only V8's stacks contain all three. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return `Thrown: ${String(error)}`;
  const heading = `${error.name}: ${error.message}`;
  const stack = error.stack ?? "";
  return stack.includes(error.message) ? stack : `${heading}\n${stack}`;
}
