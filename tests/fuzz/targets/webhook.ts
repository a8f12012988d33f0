/**
 * The reader of webhook signatures against one that is written from the header's description.
 *
 * @module
 */

import { WebhookError } from "../../../src/webhook/errors.ts";
import { parseSignatures } from "../../../src/webhook/message.ts";
import { ascii } from "../../support/bytes.ts";

const HASH = "0123456789abcdefABCDEF".padEnd(64, "0");

export const seeds: readonly Uint8Array[] = [
  `v1=${HASH}`,
  `v0=${HASH}, v1=${HASH} ,\tv1=${HASH.toUpperCase()}`,
  `v1=${HASH}\nv2=,v1=${HASH}`,
  `v1=${HASH},`.repeat(9),
  `v1=${HASH.slice(1)}`,
].map(ascii);

/** @param data The header's values, in Latin-1, one in each line. */
export function fuzz(data: Uint8Array): void {
  const values = Buffer.from(data).toString("latin1").split("\n");
  const header = values.length === 1 ? values[0] : values;
  let hashes: readonly string[] = [];
  try {
    hashes = parseSignatures(header).map((hash) => Buffer.from(hash).toString("hex"));
    if (hashes.length === 0) throw new Error("a header without a signature is accepted");
  } catch (error) {
    if (!(error instanceof WebhookError) || error.code !== "ERR_WEBHOOK_SIGNATURE") throw error;
  }
  const expected = reference(values);
  if (hashes.join() !== expected.join()) throw new Error(`${hashes.length} signatures, not ${expected.length}`);
}

/** The signatures, in small letters; none if there are over 8. */
function reference(values: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const value of values) {
    for (let entry of value.split(",")) {
      while (/^[ \t]/.test(entry)) entry = entry.slice(1);
      while (/[ \t]$/.test(entry)) entry = entry.slice(0, -1);
      const hash = entry.slice("v1=".length).toLowerCase();
      const bytes = Buffer.from(hash, "hex"); // ends at the first character that is no digit
      if (entry.startsWith("v1=") && bytes.length === 32 && hash.length === 64) found.push(bytes.toString("hex"));
    }
  }
  return found.length <= 8 ? found : [];
}
