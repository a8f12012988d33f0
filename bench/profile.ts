/**
 * `npm run bench:profile`: where the time of the decoder goes. It samples `inflateRaw` with V8's profiler, on events of
 * each size, and writes the share of each function to `results/profile.json`.
 *
 * @module
 */

import { createDecipheriv } from "node:crypto";
import { type Profiler, Session } from "node:inspector/promises";
import { cpus } from "node:os";
import { inflateRaw } from "../src/inflate/mod.ts";
import { makePayloads, type Payload } from "./payloads.ts";
import { KEPT_RESULTS, type ProfileDocument, writeDocument } from "./report/documents.ts";
import { COLUMN_SIZES, profileSection } from "./report/operation.ts";
import { KEY, SEED } from "./settings.ts";

const SECONDS = 5;

const streams = (await makePayloads(SEED)).map((payload) => ({
  bytes: payload.bytes,
  stream: streamOf(payload),
}));
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 200 });
const shares: ProfileDocument["shares"][number][] = [];
for (const bytes of COLUMN_SIZES) {
  const inputs = streams.filter((each) => each.bytes === bytes).map(({ stream }) => stream);
  inflateFor(1, inputs); // until it is optimised
  await session.post("Profiler.start");
  inflateFor(SECONDS, inputs);
  const { profile } = await session.post("Profiler.stop");
  shares.push({ bytes, functions: sharesOf(profile) });
}
const profile: ProfileDocument = {
  date: new Date().toISOString(),
  runtime: `Node ${process.versions.node}`,
  machine: cpus()[0]?.model.trim() ?? "",
  shares,
};
writeDocument(KEPT_RESULTS, "profile", profile);
console.log(profileSection({ runtimes: [], sizes: undefined, profile }));

function inflateFor(seconds: number, inputs: readonly Uint8Array[]): void {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    for (const input of inputs) inflateRaw(input);
  }
}

/** The share of each function's own samples; those of inlined functions count for themselves or their callers. */
function sharesOf(
  { nodes, samples = [] }: Profiler.Profile,
): Readonly<Record<string, number>> {
  const names = new Map(
    nodes.map(({ id, callFrame }) => [id, callFrame.functionName]),
  );
  const counts = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id) ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return Object.fromEntries(
    sorted.map((
      [name, count],
    ) => [name, Number((count / samples.length).toFixed(4))]),
  );
}

function streamOf({ sealed }: Payload): Uint8Array {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv(
    "aes-256-gcm",
    Buffer.from(KEY, "base64"),
    bytes.subarray(4, 16),
  );
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([
    decipher.update(bytes.subarray(16, -16)),
    decipher.final(),
  ]);
}
