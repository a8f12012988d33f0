/** `unseal dev`: its page in Chromium, its server, and its settings. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { nodeListener } from "../../src/node-http/mod.ts";
import { absenceOf, program } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { listenLocally } from "../support/local-server.ts";
import { startChromium } from "./support/chromium.ts";
import { node, runCommand, RUNTIMES } from "./support/command.ts";
import { startDev } from "./support/dev.ts";
import { ask } from "./support/raw-request.ts";
import { createVerifier, type Verifier, VerifyError } from "../../src/verify/mod.ts";
import { memoryStore } from "../../src/replay/mod.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Each button, and what the page says of the newest event. */
const BUTTONS: readonly (readonly [label: string, pill: string])[] = [
  ["A human", "200 accepted"],
  ["A bot", "403 BOT"],
  ["Through a VPN, from the US", "200 accepted"],
  ["A tampered browser", "200 accepted"],
  ["Only partly identified", "403 NOT_IDENTIFIED"],
  ["Replay: send it twice", "409 ERR_REPLAY_SEEN"],
  ["Forge: seal it with another key", "403 ERR_NO_KEY_FITS"],
  ["Change one bit", "403 ERR_NO_KEY_FITS"],
  ["Cut off the end", "403 ERR_NO_KEY_FITS"],
  ["Use another session's", "403 ERR_REPLAY_MISMATCH"],
  ["Send one of ten minutes ago", "403 ERR_REPLAY_STALE"],
  ["The key is rotated", "200 accepted"],
  ["No sealed result", "200 accepted"],
];

test("unseal dev shows each scenario on its page, and what its backend answers", async (t) => {
  if (skipIfAbsent(t, absenceOf(program("chromium")))) return;
  const dev = await startDev(node);
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => void (message.type() === "error" && faults.push(message.text())));
    await page.goto(dev.url);
    const press = async (label: string): Promise<string> => {
      await page.getByRole("button", { name: label, exact: true }).click();
      await page.locator("#controls button:enabled").first().waitFor();
      return await page.locator("article").first().innerText();
    };
    for (const [label, pill] of BUTTONS) {
      const card = await press(label);
      assert.ok(card.startsWith(pill), `${label}: ${card}`);
      assert.ok(card.includes(label), card);
    }
    assert.match(await press("… and no Events API"), /^502 |^503 /);
    assert.match(await press("Fingerprint limits the rate"), /FingerprintError too_many_requests/);
    await page.getByLabel("Scenario", { exact: true }).fill("visitorId:<b>me</b>,country:FR");
    assert.match(await press("Visit"), /<b>me<\/b>/);
    assert.deepEqual(faults.filter((text) => !text.includes("429")), []);
    assert.match(dev.printed(), /The key was rotated/);

    // An event of another page arrives too.
    await page.evaluate(`fetch("/?q=" + document.getElementById("keys").textContent.match(/PUBLIC_KEY=(.*)/)[1], {
      method: "POST", body: JSON.stringify({ v: 3, url: "http://shop.test/", scenario: "bot:good" })
    })`);
    await page.locator("article", { hasText: "from another page" }).waitFor({ timeout: 10_000 });
  } finally {
    await browser.close();
    assert.equal(await dev.stop(), 0);
  }
});

for (const started of RUNTIMES) {
  test(`unseal dev serves the sandbox on loopback names only, and its page's actions to its page, on ${started.runtime}`, async (t) => {
    if (skipIfAbsent(t, started.absence)) return;
    const args = started.args.flatMap((argument) =>
      argument.startsWith("--allow-env") ? ["--allow-env", "--allow-net"] : [argument]
    );
    const dev = await startDev({ ...started, args });
    try {
      assert.equal((await fetch(`${dev.url}/v4/key`)).headers.get("content-type"), "text/javascript; charset=utf-8");
      assert.match((await fetch(dev.url)).headers.get("content-security-policy") ?? "", /default-src 'none'/);
      assert.equal((await fetch(`${dev.url}/v4/events/1.a`)).status, 403);
      for (const [host, status] of [["evil.test", 403], ["127.0.0.1.evil.test", 403], ["localhost:1", 200]] as const) {
        assert.equal((await ask(dev.url, "/", { method: "GET", headers: { host } })).status, status, host);
      }
      const post = (headers: Record<string, string>) =>
        fetch(`${dev.url}/dev/state`, { method: "POST", body: "{}", headers }).then(({ status }) => status);
      assert.equal(await post({}), 200);
      assert.equal(await post({ origin: dev.url }), 200);
      assert.equal(await post({ origin: "https://evil.test" }), 403);
      assert.equal(await post({ origin: "null" }), 403);
      assert.equal((await fetch(`${dev.url}/dev/constructor`, { method: "POST", body: "{}" })).status, 404);
      assert.equal((await fetch(`${dev.url}/dev/inspect`, { method: "POST", body: "nonsense" })).status, 400);
      const inspected = await fetch(`${dev.url}/dev/inspect`, { method: "POST", body: '{"sealedResult":"%%%"}' });
      assert.equal(inspected.status, 200);
    } finally {
      assert.equal(await dev.stop(), 0);
    }
  });
}

test("unseal dev posts to the user's backend, from a page of its origin", async (t) => {
  if (skipIfAbsent(t, absenceOf(program("chromium")))) return;
  const folder = temporaryFolder(t);
  const file = join(folder, ".env");
  writeFileSync(file, "PORT=3000\n");
  let verifier: Verifier | undefined;
  const backend = await listenLocally(createServer(nodeListener(async (request) => {
    const origin = new URL(request.url).origin;
    assert.equal(request.headers.get("origin"), origin);
    try {
      const { summary } = await verifier!.verify(await request.json(), { origin });
      return Response.json({ bot: summary.bot });
    } catch (error) {
      if (error instanceof VerifyError) return error.toResponse();
      throw error;
    }
  })));
  const dev = await startDev(node, ["--backend", `${backend.url}/login`, "--env", file]);
  const browser = await startChromium();
  try {
    const lines = readFileSync(file, "utf8");
    assert.match(lines, /^PORT=3000\n# Made by unseal dev[^\n]*\nFINGERPRINT_KEY=unseal\/sandbox\/key\//);
    assert.ok(!dev.printed().includes("sandbox/key"));
    verifier = createVerifier({ keys: /FINGERPRINT_KEY=(.*)/.exec(lines)?.[1] ?? "", store: memoryStore() });
    const page = await browser.newPage();
    await page.goto(dev.url);
    await page.getByRole("button", { name: "A bot", exact: true }).click();
    await page.locator("article").waitFor();
    assert.match(await page.locator("article").innerText(), /^200 accepted/);
    assert.match(await page.locator("article pre").first().textContent() ?? "", /"bot": "bad"/);
    await page.getByRole("button", { name: "Cut off the end", exact: true }).click();
    await page.locator("article").nth(1).waitFor();
    assert.match(await page.locator("article").first().innerText(), /^403 ERR_NO_KEY_FITS/);
  } finally {
    await browser.close();
    await dev.stop();
    await backend.stop();
  }
  const again = await startDev(node, ["--env", file]);
  await again.stop();
  assert.equal(readFileSync(file, "utf8").match(/FINGERPRINT_KEY/g)?.length, 1);
});

test("unseal dev refuses production, keys that are not its own, and invalid options", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, ".env");
  writeFileSync(file, "FINGERPRINT_KEY=p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=\n");
  const cases: readonly (readonly [RegExp, readonly string[], Record<string, string>?])[] = [
    [/NODE_ENV=production/, [], { NODE_ENV: "production" }],
    [/is not the sandbox's/, ["--env", file]],
    [/--port must be/, ["--port", "70000"]],
    [/--backend must be a URL/, ["--backend", "localhost:3000"]],
    [/did you mean bot/, ["--scenario", "bott:bad"]],
  ];
  for (const [message, args, env] of cases) {
    const port = args.includes("--port") ? [] : ["--port", "0"];
    const { code, stderr } = await runCommand(node, ["dev", ...port, ...args], env === undefined ? {} : { env });
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.ok(!stderr.includes("p2PA7"), stderr);
  }
});
