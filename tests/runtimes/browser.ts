/**
 * Chromium, Firefox and WebKit: a served page runs the suite and posts its records back.
 *
 * The library refuses to work in a page, where the visitor could read the key. So the portable tests run in a dedicated
 * worker that the page starts; only `tests/page/` runs in the page itself.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenLocally } from "../support/local-server.ts";
import { bundleTests } from "./bundle.ts";
import { CHROMIUM_FLAGS, program } from "./programs.ts";
import { ROOT } from "./project.ts";
import { type Launcher, parseRecord, type SuiteRecord } from "./record.ts";
import { run, RUNTIME_TIMEOUT_MS, versionOf } from "./run.ts";

interface Browser {
  readonly name: "chromium" | "firefox" | "webkit";
  readonly version: (executable: string) => string;
  readonly command: (executable: string, profile: string, url: string) => readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

const XVFB: readonly [string, ...string[]] = ["xvfb-run", "--auto-servernum"];

const BROWSERS: readonly Browser[] = [
  {
    name: "chromium",
    version: versionOf,
    command: (executable, profile, url) => [
      executable,
      "--headless",
      ...CHROMIUM_FLAGS,
      `--user-data-dir=${profile}`,
      url,
    ],
  },
  {
    name: "firefox",
    version: versionOf,
    command: (executable, profile, url) => [executable, "--headless", "--no-remote", "--profile", profile, url],
    env: { MOZ_CRASHREPORTER_DISABLE: "1" },
  },
  {
    name: "webkit",
    version: (executable) => versionOf(...XVFB, executable, "--version"),
    command: (executable, _profile, url) => [...XVFB, executable, "--private", url],
    env: { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
  },
];

export const browserLaunchers: readonly Launcher[] = BROWSERS.map((browser) => ({
  name: browser.name,
  async launch() {
    const { path: executable, install } = program(browser.name);
    if (executable === undefined) return { missing: install };
    return { version: browser.version(executable), records: await runServed(browser, executable) };
  },
}));

const HTML = `<!doctype html><meta charset="utf-8"><title>Tests</title><script type="module" src="/page.js"></script>`;

/** Headers that allow the page a `SharedArrayBuffer`. */
const ISOLATED = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Posts a line to the server. A post with "end" is the last one of the page. */
const POST = `const post = (path, text) => fetch(path, { method: "POST", body: text });`;

const WORKER_START = `${POST}
runTests(files, (record) => post("/portable", JSON.stringify(record))).then(() => self.postMessage("end"));`;

const PAGE_START = `${POST}
const failed = (name, message) => post("/portable", JSON.stringify({ name, outcome: "failed", message }));
await runTests(files, (record) => post("/page", JSON.stringify(record)));
const worker = new Worker("/worker.js", { type: "module" });
worker.onmessage = () => post("/end", "");
worker.onerror = async ({ message, filename, lineno }) => {
  await failed("run the worker", \`\${message} (\${filename}:\${lineno})\`);
  await post("/end", "");
};`;

/** Serves the tests to a browser until the browser has posted "end". */
async function runServed(browser: Browser, executable: string): Promise<SuiteRecord[]> {
  const bundle = { format: "esm", conditions: ["browser"] } as const;
  const served = new Map([
    ["/", HTML],
    ["/page.js", await bundleTests({ ...bundle, suite: "page", start: PAGE_START })],
    ["/worker.js", await bundleTests({ ...bundle, suite: "portable", start: WORKER_START })],
  ]);
  const records: SuiteRecord[] = [];
  const { promise: ended, resolve: end } = withResolvers();
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    if (request.method !== "POST") {
      const type = path === "/" ? "text/html" : "text/javascript";
      const text = served.get(path);
      response.writeHead(text === undefined ? 404 : 200, { ...ISOLATED, "content-type": type });
      return void response.end(text);
    }
    request.setEncoding("utf8");
    let text = "";
    for await (const chunk of request) text += String(chunk);
    response.writeHead(204).end();
    if (path === "/end") end();
    else records.push(parseRecord(text, path === "/page" ? "page" : "portable"));
  });
  const { url, stop } = await listenLocally(server);
  const profile = mkdtempSync(join(tmpdir(), `unseal-${browser.name}-`));
  try {
    const [command, ...args] = browser.command(executable, profile, `${url}/`);
    const { trouble } = await run(command, args, {
      cwd: ROOT,
      until: ended,
      timeoutMs: RUNTIME_TIMEOUT_MS,
      env: { HOME: profile, TMPDIR: profile, ...browser.env },
    });
    if (trouble === undefined) return records;
    const message = `${trouble}\nThe last test that ended: ${records.at(-1)?.name ?? "none"}`;
    return [...records, { name: "run the browser", outcome: "failed", message, suite: "portable" }];
  } finally {
    await stop();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((fulfil) => void (resolve = fulfil));
  return { promise, resolve };
}
