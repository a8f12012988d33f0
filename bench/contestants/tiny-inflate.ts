/** tiny-inflate: the smallest inflater. It needs an output array of the exact length. */

import inflate from "tiny-inflate";
import type { Contestant } from "../contestant.ts";

export const contestants: readonly Contestant[] = [{
  name: "tiny-inflate",
  role: "JavaScript",
  colour: { light: "#bf8700", dark: "#d29922" },
  needsLength: true,
  inflate: (stream, outputBytes) => inflate(stream, new Uint8Array(outputBytes)),
  bundle: ["{ default }", "tiny-inflate"],
}];
