/**
 * Chromium, for tests in which a real page uses a server.
 *
 * @module
 */

import { type Browser, chromium } from "playwright-core";
import { program } from "../../runtimes/programs.ts";

/** Starts Chromium, which must be installed. */
export async function startChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: program("chromium").path ?? "chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
