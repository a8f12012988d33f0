/**
 * Captures what the command prints to standard output within the test's process.
 *
 * @module
 */

import { run } from "./in-process-command.ts";

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
