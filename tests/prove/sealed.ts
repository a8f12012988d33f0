/**
 * Sealed results: every length of an envelope, and every flipped bit and every prefix of real ones.
 *
 * @module
 */

import { createSyncUnsealer, UnsealError, type UnsealErrorCode } from "../../mod.ts";
import { decodeBase64Portable } from "../../src/encoding/base64.ts";
import { nodeCipher } from "../../src/node-cipher/mod.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { COMPLETE_V3 } from "../support/complete-events.ts";
import { COMPLETE_V4 } from "../support/complete-events-v4.ts";
import { HEADER, key, sealEvent } from "../support/seal.ts";
import { sharedVectors } from "../support/shared-vectors.ts";

const HEADER_BYTES = HEADER.length;

/** An authentic result and its key. */
interface Sample {
  readonly name: string;
  readonly sealed: Uint8Array;
  readonly key: string | Uint8Array;
}

/** The documentation's sample, complete events of both versions, and the published vectors where they are present. */
export function samples(): Sample[] {
  const rawKey = key(7);
  const published = (sharedVectors("sealed") ?? []) as readonly {
    readonly name: string;
    readonly sealed_b64: string;
    readonly key_b64: string;
    readonly expect: string;
  }[];
  return [
    { name: "the documentation's sample", sealed: bytesOf(SAMPLE_SEALED), key: SAMPLE_KEY },
    { name: "a complete v3 event", sealed: sealEvent(COMPLETE_V3, rawKey), key: rawKey },
    { name: "a complete v4 event", sealed: sealEvent(COMPLETE_V4, rawKey), key: rawKey },
    ...published.filter(({ expect }) => expect === "ok")
      .map(({ name, sealed_b64, key_b64 }) => ({ name, sealed: bytesOf(sealed_b64), key: key_b64 })),
  ];
}

function bytesOf(text: string): Uint8Array {
  return decodeBase64Portable(text)!; // the samples are base64
}

/** The code with which a sealed result is refused, or "opened". */
function outcomeOf(open: (sealed: Uint8Array) => unknown, sealed: Uint8Array): UnsealErrorCode | "opened" {
  try {
    open(sealed);
    return "opened";
  } catch (error) {
    if (error instanceof UnsealError) return error.code;
    throw error;
  }
}

/** Envelopes of 0 to 64 bytes of every value, with the header right, wrong in each byte, and absent; their number. */
export function proveEnvelopes(): number {
  const { open } = createSyncUnsealer({ keys: SAMPLE_KEY, cipher: nodeCipher() });
  let count = 0;
  for (let length = 0; length <= 64; length++) {
    for (let value = 0; value < 256; value++) {
      for (let wrong = -2; wrong < HEADER_BYTES; wrong++) {
        const sealed = new Uint8Array(length).fill(value);
        if (wrong > -2) sealed.set(HEADER.slice(0, length));
        if (wrong >= 0 && wrong < length) sealed[wrong]! ^= 1 + value % 255;
        const hasHeader = HEADER.every((byte, place) => sealed[place] === byte);
        const expected = length < 32 ? "ERR_SEALED_TOO_SHORT" : hasHeader ? "ERR_NO_KEY_FITS" : "ERR_SEALED_HEADER";
        const outcome = outcomeOf(open, sealed);
        if (outcome !== expected) throw new Error(`${length} bytes of ${value}: ${outcome}, not ${expected}`);
        count++;
      }
    }
  }
  return count;
}

/** Every single flipped bit of every sample is refused; returns the number of flips. */
export function proveFlippedBits(): number {
  let count = 0;
  for (const { name, sealed, key } of samples()) {
    // openBytes(): one of the published vectors is sealed by the vendor and is not an event.
    const { openBytes: open } = createSyncUnsealer({ keys: key, cipher: nodeCipher() });
    if (outcomeOf(open, sealed) !== "opened") throw new Error(`${name} is not opened`);
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const flipped = sealed.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const expected = bit < 8 * HEADER_BYTES ? "ERR_SEALED_HEADER" : "ERR_NO_KEY_FITS";
      const outcome = outcomeOf(open, flipped);
      if (outcome !== expected) throw new Error(`${name}, bit ${bit} flipped: ${outcome}, not ${expected}`);
      count++;
    }
  }
  return count;
}

/** Every proper prefix of every sample is refused, and so is each sample with one more byte; returns their number. */
export function provePrefixes(): number {
  let count = 0;
  for (const { name, sealed, key } of samples()) {
    const { open } = createSyncUnsealer({ keys: key, cipher: nodeCipher() });
    for (let length = 0; length <= sealed.length + 1; length++) {
      if (length === sealed.length) continue;
      const cut = new Uint8Array(length);
      cut.set(sealed.subarray(0, length));
      const expected = length < 32 ? "ERR_SEALED_TOO_SHORT" : "ERR_NO_KEY_FITS";
      const outcome = outcomeOf(open, cut);
      if (outcome !== expected) throw new Error(`${name}, ${length} bytes: ${outcome}, not ${expected}`);
      count++;
    }
  }
  return count;
}
