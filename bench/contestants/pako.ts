/** pako: zlib, ported by hand. */

import { inflateRaw } from "pako";
import type { Contestant } from "../contestant.ts";

export const contestants: readonly Contestant[] = [{
  name: "pako",
  role: "JavaScript",
  colour: { light: "#8250df", dark: "#ab7df8" },
  inflate: (stream) => inflateRaw(stream),
  bundle: ["{ inflateRaw }", "pako"],
}];
