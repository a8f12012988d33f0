/**
 * Starts `unseal dev`, for its tests and the pictures of its page.
 *
 * @module
 */

import { startCommand, type Started } from "./command.ts";

export interface RunningDev {
  readonly url: string;
  /** What it has printed. */
  printed(): string;
  /** Ends it as Ctrl+C does, and returns its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the command on a free port. Rejects with what it printed when it ends instead. */
export async function startDev(
  started: Started,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningDev> {
  const { child, ended } = startCommand(started, ["dev", "--port", "0", ...args], { env, keepsInputOpen: true });
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /Page +(\S+)/.exec(printed)?.[1];
      if (found !== undefined && printed.includes("Ctrl+C")) resolve(found);
    });
    void ended.then(({ code, stderr }) => reject(new Error(`ended with ${code}: ${stderr}`)));
  });
  return {
    url,
    printed: () => printed,
    async stop() {
      child.kill("SIGINT");
      return (await ended).code;
    },
  };
}
