/**
 * Bytes allocated by an operation, on runtimes with V8's counters and a garbage collector that can be called.
 *
 * The process has enough room for new objects that no garbage is collected between two readings: the difference of the
 * counters is the sum of all allocations. Memory that native code allocates and frees within a call is not counted.
 *
 * @module
 */

import { settings } from "bench:data";
import type { Case } from "../contest.ts";
import { sink } from "../harness.ts";
import type { MemoryCell } from "../report/documents.ts";
import { quantile } from "../statistics.ts";

/** JSON bytes opened in one reading, far fewer than the room for new objects. */
const READING_BYTES = 512 * 1024;
/** Waiting time after a collection, because buffers are freed later, on another thread. */
const SETTLE_MS = 15;

/** @throws When the process was started without a garbage collector that can be called. */
export async function measureMemory<Input, Output>(
  { subject, bytes, inputs, runners }: Case<Input, Output>,
): Promise<MemoryCell> {
  const allocated: Record<string, [heap: number, buffers: number] | null> = {};
  const operations = Math.max(4, Math.min(200, Math.floor(READING_BYTES / bytes)));
  for (const { name, run } of runners) {
    const repeat = async (times: number) => {
      for (let i = 0; i < times; i++) sink.last = await run(inputs[i % inputs.length]!); // the index is in range
    };
    const [heaps, buffers]: [number[], number[]] = [[], []];
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
    // A decrease means that garbage was collected.
    allocated[name] = heap < 0 || outside < 0 ? null : [Math.round(heap), Math.round(outside)];
  }
  return { subject, bytes, allocated };
}

async function collect(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("The garbage collector cannot be called");
  for (let turn = 0; turn < 2; turn++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}
