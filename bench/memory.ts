/**
 * What an operation allocates, on runtimes with V8's counters and a garbage collector that can be called.
 *
 * The process has so much room for new objects that nothing is collected between the two readings: what the counters gain
 * is what was allocated, garbage included. Memory that native code takes and gives back within a call is not in it.
 *
 * @module
 */

import { settings } from "bench:data";
import type { Case } from "./contest.ts";
import { sink } from "./harness.ts";
import { type MemoryResult, quantile } from "./results.ts";

/** Well under the room for new objects, in bytes of JSON. */
const READING_BYTES = 512 * 1024;
/** Buffers are freed on another thread some time after a collection. */
const SETTLE_MS = 15;

export async function measureMemory<Input, Output>(
  { subject, bytes, inputs, contestants }: Case<Input, Output>,
): Promise<MemoryResult> {
  const bytesPerOperation: Record<
    string,
    { heap: number; buffers: number } | null
  > = {};
  const operations = Math.max(
    4,
    Math.min(200, Math.floor(READING_BYTES / bytes)),
  );
  for (const { name, run } of contestants) {
    const heaps: number[] = [];
    const buffers: number[] = [];
    const repeat = async (times: number) => {
      for (let i = 0; i < times; i++) {
        sink.last = await run(inputs[i % inputs.length]!); // below the length
      }
    };
    await repeat(settings.memory.warmUpOperations);
    for (let reading = 0; reading < settings.memory.readings; reading++) {
      await collect();
      const before = process.memoryUsage();
      await repeat(operations);
      const after = process.memoryUsage();
      heaps.push((after.heapUsed - before.heapUsed) / operations);
      buffers.push((after.external - before.external) / operations);
    }
    const [heap, outside] = [quantile(heaps, 0.5), quantile(buffers, 0.5)];
    // A loss means that something was collected after all.
    bytesPerOperation[name] = heap < 0 || outside < 0 ? null : { heap: Math.round(heap), buffers: Math.round(outside) };
  }
  return { subject, bytes, bytesPerOperation };
}

/** Whether this process was started for it. */
export function canCollect(): boolean {
  return (globalThis as { gc?: unknown }).gc !== undefined;
}

async function collect(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  for (let turn = 0; turn < 2; turn++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}
