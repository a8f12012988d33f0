/**
 * Chromium, for tests in which a real page uses a server.
 *
 * @module
 */

import { type Browser, chromium } from "playwright-core";
import { CHROMIUM_FLAGS, program } from "../../runtimes/programs.ts";

/** Starts Chromium, which must be installed. */
export async function startChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: program("chromium").path ?? "chromium",
    args: [...CHROMIUM_FLAGS],
  });
}
