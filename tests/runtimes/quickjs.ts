/**
 * QuickJS: the language only. It has no crypto, `atob`, `TextDecoder`, `URL`, timers or console.
 *
 * @module
 */

import { hostedLauncher } from "./hosted.ts";
import type { Launcher } from "./record.ts";

export const quickjsLauncher: Launcher = hostedLauncher("quickjs", "quickjs-emscripten", "quickjs-host", {
  start: `runTests(files, (record) => globalThis.onRecord(JSON.stringify(record)))
    .then(() => globalThis.ended = true);`,
  conditions: [],
  timerless: true,
});
