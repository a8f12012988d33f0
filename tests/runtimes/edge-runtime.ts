/**
 * edge-runtime, the runtime of Vercel's edge functions. It has AES-GCM but no `DecompressionStream`.
 *
 * @module
 */

import { hostedLauncher } from "./hosted.ts";
import type { Launcher } from "./record.ts";

export const edgeRuntimeLauncher: Launcher = hostedLauncher("edge-runtime", "edge-runtime", "edge-runtime-host", {
  start: `globalThis.ended = runTests(files, (record) => console.log("@unseal " + JSON.stringify(record)));`,
  conditions: ["edge-light", "worker", "browser"],
});
