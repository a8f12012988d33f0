/**
 * fflate, without and with a reused output array of the exact length.
 *
 * @module
 */

import { inflateSync } from "fflate";
import type { Contestant } from "../contestant.ts";

const outputs = new Map<number, Uint8Array>();

function outputOf(bytes: number): Uint8Array {
  let output = outputs.get(bytes);
  if (output === undefined) outputs.set(bytes, output = new Uint8Array(bytes));
  return output;
}

export const contestants: readonly Contestant[] = [
  {
    name: "fflate",
    role: "JavaScript",
    colour: { light: "#bc4c00", dark: "#db6d28" },
    inflate: (stream) => inflateSync(stream),
    bundle: ["{ inflateSync }", "fflate"],
  },
  {
    name: "fflate, output given",
    role: "JavaScript",
    needsLength: true,
    inflate: (stream, outputBytes) => inflateSync(stream, { out: outputOf(outputBytes) }),
  },
];
