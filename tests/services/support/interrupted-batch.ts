/**
 * Interrupts `unseal batch` while it writes.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Ended, startCommand, type Started } from "./command.ts";

/** Starts a batch that writes to `output`, and sends it a signal after its first new checkpoint. */
export async function interrupt(
  runtime: Started,
  args: readonly string[],
  output: string,
  env: Readonly<Record<string, string>>,
  signal: "SIGINT" | "SIGTERM" | "SIGKILL",
): Promise<Ended> {
  const { child, ended } = startCommand(runtime, args, { env });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const positionOf = () => {
    const file = `${output}.checkpoint`;
    return existsSync(file) ? Number(/"position":(\d+)/.exec(readFileSync(file, "utf8"))?.[1] ?? 0) : 0;
  };
  const start = positionOf();
  while (!hasEnded() && positionOf() <= start) await delay(5);
  child.kill(signal);
  return await ended;
}
