/**
 * Runs the command `unseal` within the test's process, which is faster than a child process. A batch has no threads.
 *
 * @module
 */

import { runCommand } from "../../src/cli/main.ts";

/** Runs the command, and returns its exit code and what it wrote to standard error. */
export async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  const { write } = process.stderr;
  let stderr = "";
  process.stderr.write = (text: string | Uint8Array) => {
    stderr += typeof text === "string" ? text : new TextDecoder().decode(text);
    return true;
  };
  try {
    const code = await runCommand(args);
    return { code, stderr };
  } finally {
    process.stderr.write = write;
  }
}

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command like {@linkcode run}, and also returns what it printed. */
export async function runPrinting(...args: readonly string[]): Promise<Printed> {
  const { stdout } = process;
  const { write } = stdout;
  let printed = "";
  stdout.write = ((content: string | Uint8Array, ...rest: readonly unknown[]) => {
    // print() passes a callback. The test runner, which may write meanwhile, passes none.
    const [done] = rest;
    if (typeof done !== "function") return write.apply(stdout, [content, ...rest] as Parameters<typeof write>); // as given
    printed += typeof content === "string" ? content : new TextDecoder().decode(content);
    done();
    return true;
  }) as typeof write; // as print() calls it
  try {
    const ended = await run(...args);
    return { ...ended, stdout: printed };
  } finally {
    stdout.write = write;
  }
}
