/**
 * The competitor of `unseal batch`: the fastest known program with the official SDK 7 and worker threads.
 *
 * `sdk-batch.ts IN OUT JOBS KEY`: whole lines go to the threads in chunks; each thread opens 64 at a time, which is
 * what the SDK's asynchronous inflater needs to be fast. It checks nothing, and cannot be resumed.
 *
 * @module
 */

import { DecryptionAlgorithm, unsealEventsResponse } from "@fingerprint/node-sdk";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const CHUNK_BYTES = 256 * 1024;
const AT_ONCE = 64;
const CHUNKS_PER_WORKER = 3;

if (isMainThread) await main();
else serve(workerData);

function serve(key: string): void {
  const keys = [{ key: Buffer.from(key, "base64"), algorithm: DecryptionAlgorithm.Aes256Gcm }];
  parentPort?.on("message", async ({ place, chunk }: { place: number; chunk: Uint8Array }) => {
    const sealed = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1").trimEnd().split("\n");
    const lines: string[] = [];
    for (let first = 0; first < sealed.length; first += AT_ONCE) {
      const events = await Promise.all(
        sealed.slice(first, first + AT_ONCE).map((line) => unsealEventsResponse(Buffer.from(line, "base64"), keys)),
      );
      for (const event of events) lines.push(JSON.stringify(event), "\n");
    }
    const output = new Uint8Array(Buffer.from(lines.join("")));
    parentPort?.postMessage({ place, output }, [output.buffer]);
  });
}

async function main(): Promise<void> {
  const [input = "", output = "", jobs = "1", key = ""] = process.argv.slice(2);
  const file = await open(output, "w");
  const workers = Array.from({ length: Number(jobs) }, () => new Worker(new URL(import.meta.url), { workerData: key }));
  const done = new Map<number, Uint8Array>();
  const loads = workers.map(() => 0);
  let wake = () => {};
  workers.forEach((worker, index) =>
    worker.on("message", ({ place, output }: { place: number; output: Uint8Array }) => {
      loads[index]!--; // one load for each worker
      done.set(place, output);
      wake();
    })
  );
  let [sent, written] = [0, 0];
  const writeDone = async (): Promise<void> => {
    for (let next = done.get(written); next !== undefined; next = done.get(written)) {
      done.delete(written++);
      await file.write(next);
    }
  };
  const send = async (bytes: Uint8Array): Promise<void> => {
    while (sent - written >= CHUNKS_PER_WORKER * workers.length) {
      await writeDone();
      if (sent - written >= CHUNKS_PER_WORKER * workers.length) await new Promise<void>((resolve) => wake = resolve);
    }
    const index = loads.indexOf(Math.min(...loads));
    loads[index]!++; // an index of loads
    const chunk = new Uint8Array(bytes);
    workers[index]?.postMessage({ place: sent++, chunk }, [chunk.buffer]);
  };
  let rest = Buffer.alloc(0);
  for await (const data of createReadStream(input, { highWaterMark: CHUNK_BYTES })) {
    const all = Buffer.concat([rest, data]);
    const end = all.lastIndexOf(10) + 1;
    if (end > 0) await send(all.subarray(0, end));
    rest = all.subarray(end);
  }
  while (written < sent) {
    await writeDone();
    if (written < sent) await new Promise<void>((resolve) => wake = resolve);
  }
  await file.close();
  await Promise.all(workers.map((worker) => worker.terminate()));
}
