/**
 * Valid streams that are slow on purpose: much work for little or no output.
 *
 * @module
 */

import { codeOfShape, type DeflateWriter, deflateWriter, lengthForEach } from "../../tests/support/bit-writer.ts";
import type { Case } from "../contest.ts";
import type { Bytes } from "../contestant.ts";
import { runnersOf } from "./events.ts";
import { fingerprintOf } from "./inputs.ts";

/** The minimum length of a stream: about the compressed size of a 16 KB event. */
const STREAM_BYTES = 5000;

/** Writes blocks until the stream has that length, and then an empty final block with the fixed codes. */
function chain(writeBlock: (writer: DeflateWriter) => unknown): Uint8Array {
  const writer = deflateWriter();
  while (writer.bitLength() < 8 * STREAM_BYTES) writeBlock(writer);
  return writer.fixed("last").end().finish();
}

/** Of all complete codes these need the most table entries, with 9 and with 7 root bits: 852 and 400. */
const LARGEST_TABLES = {
  litlen: codeOfShape([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 232, 47, 1, 1, 1, 2]),
  distance: codeOfShape([0, 0, 3, 1, 1, 0, 0, 0, 13, 5, 1, 1, 1, 1, 1, 2]),
};

/** The longest header for the smallest tables. */
const LONGEST_HEADER = {
  litlen: { ...lengthForEach(0, 225, 8), ...lengthForEach(226, 285, 9) },
  distance: { ...lengthForEach(0, 1, 4), ...lengthForEach(2, 29, 5) },
  repeats: false,
};

/** The shortest header: about 20 bytes for a table of 512 entries. */
const SHORTEST_HEADER = { litlen: { 0: 1, 256: 1 } };

const STREAMS: Readonly<Record<string, Uint8Array>> = {
  "empty dynamic blocks, shortest header": chain((writer) => writer.dynamic("more", SHORTEST_HEADER).end()),
  "empty dynamic blocks, longest header": chain((writer) => writer.dynamic("more", LONGEST_HEADER).end()),
  "empty dynamic blocks, largest tables": chain((writer) => writer.dynamic("more", LARGEST_TABLES).end()),
  "empty fixed blocks": chain((writer) => writer.fixed("more").end()),
  "fixed and dynamic blocks in turn": chain((writer) =>
    writer.fixed("more").end().dynamic("more", SHORTEST_HEADER).end()
  ),
  "empty stored blocks": chain((writer) => writer.stored("more", [])),
};

export const hostileCases: readonly Case<Uint8Array, Bytes>[] = Object.entries(STREAMS).map(([variant, stream]) => ({
  subject: "hostile",
  variant,
  bytes: stream.length,
  inputs: [stream],
  runners: runnersOf(({ inflate, role, needsLength = false }) =>
    role !== "Web API" && !needsLength && inflate && ((data) => inflate(data, 0))
  ),
  comparable: fingerprintOf,
}));
