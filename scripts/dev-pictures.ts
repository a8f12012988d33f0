/**
 * `npm run dev:pictures`: makes the pictures of `unseal dev` in `docs/testing.md`, light and dark, with Chromium.
 *
 * @module
 */

import { join } from "node:path";
import { ROOT } from "../tests/runtimes/project.ts";
import { startChromium } from "../tests/services/support/chromium.ts";
import { node } from "../tests/services/support/command.ts";
import { startDev } from "../tests/services/support/dev.ts";

const dev = await startDev(node);
const browser = await startChromium();
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1180, height: 820 } });
    await page.goto(dev.url);
    for (const name of ["A human", "A bot", "Replay: send it twice"]) {
      await page.getByRole("button", { name, exact: true }).click();
      await page.locator("#controls button:enabled").first().waitFor();
    }
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(ROOT, `docs/dev-${colorScheme}.jpg`), type: "jpeg", quality: 72 });
    await page.close();
  }
} finally {
  await browser.close();
  await dev.stop();
}
