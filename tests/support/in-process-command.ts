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
