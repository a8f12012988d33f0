/**
 * Published inflate vectors: zlib's, libdeflate's, Go's and eight other projects'.
 *
 * @module
 */

import assert from "node:assert/strict";
import test from "node:test";
import { InflateError, inflateRaw, type InflateReason } from "../../src/inflate/mod.ts";
import { fromHex } from "../support/bytes.ts";
import { sharedVectors } from "../support/shared-vectors.ts";

interface Vector {
  /** The project, a slash, and the vector's name there. */
  readonly name: string;
  readonly class: "ok" | "malformed" | "truncated" | "trailing";
  /** The reason in words, for all classes but `ok`. */
  readonly reason?: string;
  readonly hex: string;
  readonly expected_hex?: string;
  readonly expected_sha256?: string;
  readonly expected_length?: number;
}

/** Our reasons by the vectors' wording. `truncated` and `trailing` are not here, because they are classes. */
const REASONS: Readonly<Record<string, InflateReason>> = {
  "reserved block type 3": "block-type",
  "stored block LEN/NLEN mismatch": "stored-length",
  "HLIT > 286": "code-counts",
  "HDIST > 30": "code-counts",
  "over-subscribed code-length code": "precode-oversubscribed",
  "incomplete code-length code": "precode-incomplete",
  "empty code-length code": "end-of-block-missing",
  "repeat code 16 with no previous length": "repeat-without-length",
  "length repeat runs past the end of the tables": "repeat-too-long",
  "no end-of-block code": "end-of-block-missing",
  "over-subscribed literal/length code": "litlen-oversubscribed",
  "incomplete literal/length code": "litlen-incomplete",
  "incomplete distance code": "distance-incomplete",
  "unassigned literal/length codeword": "litlen-symbol",
  "reserved length symbol 286": "litlen-symbol",
  "reserved length symbol 287": "litlen-symbol",
  "distance symbol decoded from an empty code": "distance-symbol",
  "reserved distance symbol 30": "distance-symbol",
  "reserved distance symbol 31": "distance-symbol",
  "distance too far back": "distance-too-far",
};

function expectedReason(vector: Vector): InflateReason | undefined {
  if (vector.class === "ok") return undefined;
  if (vector.class === "truncated") return "truncated";
  if (vector.class === "trailing") return "trailing-bytes";
  const reason = REASONS[vector.reason ?? ""];
  assert.ok(reason !== undefined, `unknown reason: ${vector.reason}`);
  return reason;
}

/** The hash in hexadecimal; `undefined` if the runtime cannot compute it. */
async function sha256(data: Uint8Array): Promise<string | undefined> {
  const { crypto } = globalThis as { crypto?: { subtle?: SubtleCrypto } };
  if (crypto?.subtle === undefined) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", data.slice());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * zlib does not refuse an empty code-length code itself. It reads each code length as one bit with the value zero. It
 * then finds no codeword for the end of the block, or the stream ends before.
 */
function isZlibsVerdict(reason: InflateReason, vector: Vector): boolean {
  return reason === expectedReason(vector) || (reason === "truncated" && vector.reason === "empty code-length code");
}

/** How our verdict differs from the published one, in words; `undefined` if they agree. */
async function disagreement(vector: Vector): Promise<string | undefined> {
  const reason = expectedReason(vector);
  let output: Uint8Array;
  try {
    output = inflateRaw(fromHex(vector.hex));
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    return isZlibsVerdict(error.reason, vector) ? undefined : `${error.reason}, not ${reason ?? "accepted"}`;
  }
  if (reason !== undefined) return `accepted, not ${reason}`;
  if (output.length !== vector.expected_length) return `${output.length} bytes, not ${vector.expected_length}`;
  if (vector.expected_hex !== undefined) {
    const expected = fromHex(vector.expected_hex);
    return output.every((byte, index) => byte === expected[index]) ? undefined : "different bytes";
  }
  const hash = await sha256(output);
  return hash === undefined || hash === vector.expected_sha256 ? undefined : "different bytes, by their hash";
}

const vectors = sharedVectors("inflate") as readonly Vector[] | undefined;

test("the published inflate vectors are complete: 813", (t) => {
  if (vectors === undefined) return t.skip("../shared/vectors/inflate.json is not present");
  assert.equal(vectors.length, 813);
  for (const vector of vectors) assert.ok(vector.class !== "ok" || vector.expected_length !== undefined, vector.name);
});

for (const project of new Set(vectors?.map((vector) => vector.name.split("/")[0]!))) {
  const all = vectors!.filter((vector) => vector.name.startsWith(`${project}/`));
  test(`inflateRaw() has the published verdict on ${project}'s ${all.length} streams`, async () => {
    const wrong: Record<string, string> = {};
    for (const vector of all) {
      const difference = await disagreement(vector);
      if (difference !== undefined) wrong[vector.name] = difference;
    }
    assert.deepEqual(wrong, {});
  });
}
