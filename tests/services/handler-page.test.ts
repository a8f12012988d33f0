import assert from "node:assert/strict";
import { test } from "node:test";
import { absenceOf, program } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { toBase64 } from "../support/bytes.ts";
import { key, sealEvent } from "../support/seal.ts";
import { startChromium } from "./support/chromium.ts";
import { RUNTIMES } from "./support/servers.ts";
import { serving } from "./support/serving.ts";

/** Posts as the third step of the vendor's documentation does. */
async function postAsDocumented(sealed: string): Promise<{ status: number; text: string }> {
  const response = await fetch("/sealed", { "method": "POST", "body": sealed });
  return { status: response.status, text: await response.text() };
}

/** Posts bytes and a Blob, as the agent v4 returns them from `sealed_result.byteArray()` and `blob()`. */
async function postBytes(values: number[]): Promise<number[]> {
  const bytes = Uint8Array.from(values);
  const bodies = [bytes, bytes.buffer, new Blob([bytes]), new Blob([bytes], { type: "application/octet-stream" })];
  return await Promise.all(bodies.map(async (body) => (await fetch("/sealed", { method: "POST", body })).status));
}

test("createSealedResultHandler() answers a page in Chromium that posts as the documentation shows", async (t) => {
  if (skipIfAbsent(t, absenceOf(program("chromium")))) return;
  const browser = await startChromium();
  try {
    const sealed = sealEvent({ event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 }, key(1));
    for (const runtime of RUNTIMES) {
      await serving(t, runtime, "tests/services/support/handler-app.ts", {}, async (server) => {
        const page = await browser.newPage();
        await page.goto(`${server.url}/`);
        const opened = await page.evaluate(postAsDocumented, toBase64(sealed));
        assert.equal(opened.status, 200, opened.text);
        assert.deepEqual(JSON.parse(opened.text), { id: "1708102555327.NLOjmg", keyId: "test", source: "sealed" });
        assert.deepEqual(await page.evaluate(postBytes, [...sealed]), [200, 200, 200, 200]);
        const refused = await page.evaluate(postAsDocumented, toBase64(sealed).replace(/.{4}$/, "AAAA"));
        assert.equal(refused.status, 403, refused.text);
        assert.equal((JSON.parse(refused.text) as { code: string }).code, "ERR_NO_KEY_FITS");
        await page.close();
      });
    }
  } finally {
    await browser.close();
  }
});
