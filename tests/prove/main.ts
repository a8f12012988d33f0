/**
 * `npm run prove`: exhaustive proofs. Each claim is about every input of a kind, not a sample of them.
 *
 * `--save` adds what was proved to `results.json`.
 *
 * `--deflate=4 [--from=0]` compares the 4,294,967,296 streams of four bytes instead (7 to 9 core hours); it prints the
 * `--from` with which an interrupted run continues.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { keepResult, today } from "../support/kept-results.ts";
import { buildOracle } from "./deflate.ts";
import { partsOf, runParts } from "./parts.ts";
import { proveEnvelopes, proveFlippedBits, provePrefixes } from "./sealed.ts";
import { proveBase64 } from "./text.ts";

const { values: { deflate, from, save } } = parseArgs({
  options: {
    deflate: { type: "string" },
    from: { type: "string", default: "0" },
    save: { type: "boolean", default: false },
  },
});
const oracle = buildOracle();
const jobs = availableParallelism();
let [proved, refuted] = [0, 0];

try {
  if (deflate === undefined) await proveAll();
  else await proveLongStreams(Number(deflate), Number(from));
} finally {
  oracle?.remove();
}
console.log(`${proved} proved, ${refuted} refuted`);
process.exitCode = refuted > 0 ? 1 : 0;

async function proveAll(): Promise<void> {
  const utf8 = "decoded as in RFC 3629, by both decoders";
  const zlib = oracle === undefined ? "node:zlib" : "zlib";
  if (oracle === undefined) {
    console.log("No C compiler or no zlib (apt-get install gcc zlib1g-dev): node:zlib takes longer");
  }
  await prove(
    "base64 texts of up to 4 covering characters",
    "decoded as in RFC 4648, by both decoders",
    () => proveBase64(4),
  );
  await prove("byte sequences of up to 3 bytes", utf8, () => runParts("utf8", [1, 2, 3].flatMap(partsOf), jobs));
  await prove(
    "sequences of 4 bytes at the boundaries of UTF-8",
    utf8,
    () => runParts("utf8", [{ length: 4, prefix: [] }], 1),
  );
  await prove(
    "envelopes of 0 to 64 bytes, with each byte of the header wrong",
    "refused with the right code",
    proveEnvelopes,
  );
  await prove("single flipped bits of authentic results", "refused", proveFlippedBits);
  await prove("prefixes of authentic results, and one byte more", "refused", provePrefixes);
  await prove(
    "raw DEFLATE streams of up to 3 bytes",
    `inflated or refused as by ${zlib}: verdict, output, message`,
    () => runParts("deflate", [0, 1, 2, 3].flatMap(partsOf), jobs, oracle?.path),
  );
}

/** Streams of four bytes and more, by their first byte; each takes minutes. */
async function proveLongStreams(length: number, from: number): Promise<void> {
  for (let first = from; first < 256; first++) {
    const parts = Array.from({ length: 256 }, (_, second) => ({ length, prefix: [first, second] }));
    await prove(
      `raw DEFLATE streams of ${length} bytes that begin with ${first}`,
      "inflated or refused as by zlib",
      () => runParts("deflate", parts, jobs, oracle?.path),
    );
    console.log(`continue with --deflate=${length} --from=${first + 1}`);
  }
}

/**
 * Runs one proof.
 *
 * @param inputs What all inputs are.
 * @param outcome What happens to each.
 * @param run Returns the number of inputs, or throws for one with another outcome.
 */
async function prove(inputs: string, outcome: string, run: () => number | Promise<number>): Promise<void> {
  const startedAt = Date.now();
  try {
    const count = await run();
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    proved++;
    console.log(`proved   all ${count.toLocaleString("en-US")} ${inputs} are ${outcome} (${seconds} s)`);
    if (save) keepResult("prove", inputs, { date: today(), inputs: count, outcome });
  } catch (error) {
    refuted++;
    console.log(`REFUTED  all ${inputs} are ${outcome}: ${error instanceof Error ? error.message : error}`);
  }
}
