/** `unseal stats`, as a child process: every runtime, a terminal, memory, and its page in Chromium. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { generateKey, sampleEventV4 } from "../../src/testing/mod.ts";
import { absenceOf, program } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { countBy, dayOf, eventOf, visits } from "../support/traffic.ts";
import { startChromium } from "./support/chromium.ts";
import { node, runAtTerminal, runCommand, RUNTIMES, scriptAbsence } from "./support/command.ts";
import { sealWithNode } from "./support/node-seal.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const key = generateKey();
const rawKey = Uint8Array.from(Buffer.from(key, "base64"));
const env = { UNSEAL_KEYS: `main:${key}` };

const traffic = visits(3_000);
const events = traffic.map((visit) => JSON.stringify(eventOf(visit)));
const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");

/** A value that attacks a terminal and a page. */
const HOSTILE =
  `\u001b[31m\u009b2J\u202e</title></style><script>document.title = "run"</script><img src="http://a.example/" onerror="document.title = 'run'">`;
const hostile = JSON.stringify(sampleEventV4({
  timestamp: traffic[0]!.time, // there are 3,000
  ip_info: { v4: { geolocation: { country_code: HOSTILE } } },
}));

for (const runtime of RUNTIMES) {
  test(`unseal stats counts sealed and opened archives on ${runtime.runtime}, with any number of threads`, async (t) => {
    if (skipIfAbsent(t, runtime.absence)) return;
    const folder = temporaryFolder(t);
    const [sealed, opened, page] = ["sealed.gz", "opened", "page.html"].map((name) => join(folder, name));
    writeFileSync(sealed!, gzipSync(lines(["AAAA", ...events.map((event) => sealWithNode(event, rawKey))]))); // three names
    writeFileSync(opened!, lines(events));
    for (const args of [[sealed!, "-j", "2"], [sealed!, "-j", "1"], [opened!, "--html", page!]]) {
      const { code, stdout, stderr } = await runCommand(runtime, ["stats", "--json", ...args], { env });
      assert.deepEqual([code, stderr], [args[0] === sealed ? 1 : 0, ""]);
      const found = JSON.parse(stdout.toString());
      assert.deepEqual([found.events, found.failed], [3_000, args[0] === sealed ? 1 : 0]);
      const days = found.breakdowns[0].groups.map((
        { day, events, visitors, bad_bots, good_bots, vpn_events }: Record<string, unknown>,
      ) => [day, { events, visitors, bad_bots, good_bots, vpn_events }]);
      assert.deepEqual(Object.fromEntries(days), countBy(traffic, dayOf));
    }
    assert.match(readFileSync(page!, "utf8"), /<svg class="columns"/);
    const refused = await runCommand(runtime, ["stats", join(folder, "none")], { env });
    assert.deepEqual([refused.code, /none: no such file/.test(refused.stderr)], [3, true]);
  });
}

test("unseal stats draws bars at a terminal, and escapes what values would do to it", async (t) => {
  if (skipIfAbsent(t, scriptAbsence)) return;
  const file = join(temporaryFolder(t), "opened");
  writeFileSync(file, lines([...events, hostile]));
  for (const format of [[], ["--json"], ["--csv", "--by=country"]]) {
    const { code, stdout } = await runAtTerminal(node, ["stats", file, "-q", ...format]);
    assert.equal(code, 0);
    const text = stdout.toString();
    // The command's own sequences are styles and nothing else.
    const plain = text.replaceAll("\u001b[", "ESC[").replace(/ESC\[\d+m/g, "");
    assert.ok(!/[^\n\r -~–…█]|ESC/.test(plain), JSON.stringify(plain));
    assert.match(plain, /u001b\[31m/);
    assert.equal(/█{8}/.test(text), format.length === 0);
  }
  const dumb = await runAtTerminal(node, ["stats", file, "-q"], { env: { TERM: "dumb" } });
  assert.ok(!["█", "\u001b"].some((text) => dumb.stdout.toString().includes(text)));
});

test("unseal stats --html writes a page that runs nothing, loads nothing, and is readable in light and dark", async (t) => {
  if (skipIfAbsent(t, absenceOf(program("chromium")))) return;
  const folder = temporaryFolder(t);
  const [file, path] = [join(folder, "opened"), join(folder, "page.html")];
  writeFileSync(file, lines([...events, hostile]));
  assert.equal((await runCommand(node, ["stats", file, "-q", "--html", path])).code, 0);
  const browser = await startChromium();
  try {
    const backgrounds: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ colorScheme });
      const requests: string[] = [];
      const messages: string[] = [];
      page.on("request", (request) => void requests.push(request.url()));
      page.on("console", (message) => void messages.push(message.text()));
      page.on("pageerror", ({ message }) => void messages.push(message));
      await page.goto(pathToFileURL(path).href);
      assert.deepEqual([requests, messages], [[pathToFileURL(path).href], []]);
      assert.match(await page.title(), /^Sealed results: /);
      assert.deepEqual(await page.locator("script, img, iframe, a, link").count(), 0);
      const shown = HOSTILE.replace("\u001b", "\\u001b").replace("\u009b", "\\u009b").replace("\u202e", "\\u202e");
      assert.equal(await page.locator("td.label", { hasText: "script" }).textContent(), shown);
      assert.equal(await page.locator("svg.columns g").count(), 10);
      const tops = await page.locator("svg.columns rect.events").evaluateAll((rects) =>
        rects.map((rect) => rect.getBoundingClientRect().height)
      );
      assert.ok(tops.every((height) => height > 20), tops.join());
      const ratios = await page.evaluate(CONTRASTS);
      assert.ok((ratios as number[]).every((ratio) => ratio >= 4.5), `${colorScheme}: ${ratios}`);
      backgrounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor") as string);
      await page.close();
    }
    assert.notEqual(backgrounds[0], backgrounds[1]);
  } finally {
    await browser.close();
  }
});

/** The contrast of each kind of text with the page, by WCAG 2.2. */
const CONTRASTS = `(() => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll("h1, h2, p, dt, dd, th, td, svg text")].map((element) => {
    const style = getComputedStyle(element);
    const ink = luminance(element.tagName === "text" ? style.fill : style.color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
})()`;
