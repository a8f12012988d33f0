/**
 * The stage base64: text to bytes. Only ours refuses what is not base64.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Case, Contestant } from "../contest.ts";
import { decodeBase64, decodeBase64Portable } from "../ours.ts";
import { fingerprintOf, openedOf, sizes } from "./opened.ts";

const native = Uint8Array as unknown as {
  fromBase64?(text: string): Uint8Array;
};

const contestants: Contestant<string, Uint8Array | undefined>[] = [
  { name: "ours", isOurs: true, run: decodeBase64 },
  { name: "ours, portable", isOurs: true, run: decodeBase64Portable },
  { name: "Buffer.from", run: (text) => Buffer.from(text, "base64") },
  {
    name: "atob and a loop",
    run(text) {
      const binary = atob(text);
      const bytes = new Uint8Array(binary.length);
      for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
      return bytes;
    },
  },
];
if (native.fromBase64 !== undefined) {
  contestants.push({
    name: "Uint8Array.fromBase64",
    run: (text) => native.fromBase64!(text),
  }); // just seen to be there
}

export const base64Cases: readonly Case<string, Uint8Array | undefined>[] = sizes.map((
  bytes,
) => ({
  subject: "base64",
  variant: "text to bytes",
  bytes,
  inputs: openedOf(bytes).map(({ sealed }) => sealed),
  contestants,
  comparable: (bytes) => bytes === undefined ? "not base64" : fingerprintOf(bytes),
}));
