/**
 * Divides a proof into parts, and runs them on every core.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { compareDeflate } from "./deflate.ts";
import { compareUtf8 } from "./text.ts";

/** The sequences of `length` bytes that begin with `prefix`. */
export interface Part {
  readonly length: number;
  readonly prefix: readonly number[];
}

/** The proofs that are divided. */
export type Subject = "deflate" | "utf8";

/** The parts of all sequences of a length: of three bytes and more, one for each first byte. */
export function partsOf(length: number): Part[] {
  return length < 3
    ? [{ length, prefix: [] }]
    : Array.from({ length: 256 }, (_, first) => ({ length, prefix: [first] }));
}

/** Runs the parts on worker threads; returns the number of sequences. Throws at the first difference. */
export async function runParts(
  subject: Subject,
  parts: readonly Part[],
  jobs: number,
  oracle?: string,
): Promise<number> {
  const waiting = [...parts];
  let count = 0;
  const work = async () => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { subject, oracle } });
    try {
      for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
        worker.postMessage(part);
        const compared = await new Promise<number>((resolve, reject) => {
          worker.removeAllListeners().once("message", resolve).once("error", reject);
        });
        count += compared; // after the await: another worker may have counted meanwhile
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return count;
}

if (!isMainThread && parentPort !== null) {
  // Most streams are refused, and a stack trace takes three times as long as the decoder.
  Error.stackTraceLimit = 0;
  const { subject, oracle } = workerData as { subject: Subject; oracle: string | undefined };
  const compare = (part: Part) => subject === "utf8" ? compareUtf8(part) : compareDeflate(part, oracle);
  parentPort.on("message", (part: Part) => parentPort?.postMessage(compare(part)));
}
