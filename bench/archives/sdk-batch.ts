/**
 * The competitor of `unseal batch`: the fastest known program with the official SDK 7 and worker threads.
 *
 * `sdk-batch.ts IN OUT JOBS KEY [summary]`: whole lines go to the threads in chunks; each thread opens 64 at a time,
 * which is what the SDK's asynchronous inflater needs to be fast. It writes the event, or the columns of `--summary` of a
 * v4 event but `row`. It checks nothing, reads no v3 event, and cannot be resumed.
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

interface Job {
  readonly key: string;
  readonly isSummary: boolean;
}

type Event = Awaited<ReturnType<typeof unsealEventsResponse>>;

if (isMainThread) await main();
else serve(workerData);

function serve({ key, isSummary }: Job): void {
  const keys = [{ key: Buffer.from(key, "base64"), algorithm: DecryptionAlgorithm.Aes256Gcm }];
  parentPort?.on("message", async ({ place, chunk }: { place: number; chunk: Uint8Array }) => {
    const sealed = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1").trimEnd().split("\n");
    const lines: string[] = [];
    for (let first = 0; first < sealed.length; first += AT_ONCE) {
      const events = await Promise.all(
        sealed.slice(first, first + AT_ONCE).map((line) => unsealEventsResponse(Buffer.from(line, "base64"), keys)),
      );
      for (const event of events) {
        lines.push(JSON.stringify(isSummary ? rowOf(event) : event), "\n");
      }
    }
    const output = new Uint8Array(Buffer.from(lines.join("")));
    parentPort?.postMessage({ place, output }, [output.buffer]);
  });
}

function rowOf(event: Event) {
  const { identification, ip_info, ip_address } = event;
  const info = ip_address?.includes(":") ? ip_info?.v6 ?? ip_info?.v4 : ip_info?.v4 ?? ip_info?.v6;
  return {
    event_id: event.event_id,
    time: timeOf(event.timestamp),
    visitor_id: identification?.visitor_id ?? null,
    linked_id: event.linked_id ?? null,
    bot: event.bot ?? null,
    vpn: event.vpn ?? null,
    proxy: event.proxy ?? null,
    tor: event.ip_blocklist?.tor_node ?? null,
    tampering: event.tampering ?? null,
    incognito: event.incognito ?? null,
    suspect_score: event.suspect_score ?? null,
    country: info?.geolocation?.country_code ?? null,
    asn: info?.asn ?? null,
    ip: ip_address ?? null,
    url: event.url ?? null,
    confidence: identification?.confidence?.score ?? null,
    first_seen: timeOf(identification?.first_seen_at),
    last_seen: timeOf(identification?.last_seen_at),
    replayed: event.replayed ?? null,
    key_id: "key-0",
    error: null,
  };
}

function timeOf(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

async function main(): Promise<void> {
  const [input = "", output = "", jobs = "1", key = "", form] = process.argv.slice(2);
  const job: Job = { key, isSummary: form === "summary" };
  const file = await open(output, "w");
  const workers = Array.from({ length: Number(jobs) }, () => new Worker(new URL(import.meta.url), { workerData: job }));
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
      if (sent - written >= CHUNKS_PER_WORKER * workers.length) {
        await new Promise<void>((resolve) => wake = resolve);
      }
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
