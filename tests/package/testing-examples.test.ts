/** Runs the examples of `docs/testing.md` for test runners, with the packed package: Vitest, Jest and Playwright. */

import assert from "node:assert/strict";
import { transform } from "esbuild";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { nodeListener } from "../../src/node-http/mod.ts";
import { createSandbox } from "../../src/testing/mod.ts";
import { absenceOf, CHROMIUM_FLAGS, program } from "../runtimes/programs.ts";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";
import { needs } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { installPacked } from "./packed.ts";

const { folder } = await installPacked();
const examples = new Map<string, string>();
const text = readFileSync(join(ROOT, "docs/testing.md"), "utf8");
for (const [, code = "", name = ""] of text.matchAll(/^```js\n((?:\/\*\*.*\n)?\/\/ (\S+)\n[^]*?)^```$/gm)) {
  examples.set(name, code);
  writeFileSync(join(folder, name), code);
}

/** Makes packages of another folder of the suite importable. */
function link(from: string): string {
  const source = join(ROOT, from, "node_modules");
  for (const name of readdirSync(source)) {
    const target = join(folder, "node_modules", name);
    if (!existsSync(target)) symlinkSync(join(source, name), target);
  }
  return source;
}

test("the Vitest, Jest and Playwright examples have under 30 lines", () => {
  assert.deepEqual([...examples.keys()], ["login.js", "login.vitest.test.js", "login.jest.test.js", "login.spec.js"]);
  for (const [name, code] of examples) assert.ok(code.split("\n").length <= 31, name);
});

test("docs/testing.md's example for Vitest passes", needs(absenceOfPackages("tests/consumers/vitest")), async () => {
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const packages = link("tests/consumers/vitest");
  const { output, trouble } = await run(
    process.execPath,
    [join(packages, "vitest/vitest.mjs"), "run", "login.vitest"],
    { cwd: folder },
  );
  assert.equal(trouble, undefined, output);
  assert.match(output, /2 passed/);
});

test("docs/testing.md's example for Jest passes", needs(absenceOfPackages("tests/consumers/jest")), async () => {
  const packages = link("tests/consumers/jest");
  const jest = join(folder, "jest");
  mkdirSync(jest);
  const { code } = await transform(examples.get("login.js") ?? "", { format: "cjs", loader: "js" });
  writeFileSync(join(jest, "login.js"), code);
  writeFileSync(join(jest, "login.jest.test.js"), examples.get("login.jest.test.js") ?? "");
  writeFileSync(join(jest, "package.json"), '{"jest":{"testEnvironment":"jsdom"}}');
  const { output, trouble } = await run(process.execPath, [join(packages, "jest/bin/jest.js"), "--ci", "--json"], {
    cwd: jest,
  });
  assert.equal(trouble, undefined, output);
  assert.match(output, /"numPassedTests":2/);
});

const PAGE = `import { start } from "@fingerprint/agent";
const { event_id, sealed_result } = await start({ apiKey: "public" }).get();
const body = JSON.stringify({ eventId: event_id, sealedResult: sealed_result.base64() });
const answer = await (await fetch("/login", { method: "POST", body })).json();
document.body.append(answer.error ?? "Welcome " + answer.visitor);`;

const chromium = program("chromium");
const browser = needs(absenceOf(chromium), absenceOfPackages("tests/services/sandbox"));

test("docs/testing.md's example for Playwright passes", browser, async () => {
  const packages = link("tests/services/sandbox");
  const { key } = createSandbox();
  const { createLogin } = await import(pathToFileURL(join(folder, "login.js")).href);
  const login: (request: Request) => Promise<Response> = createLogin(key);
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: join(ROOT, "tests/services/sandbox") },
    bundle: true,
    write: false,
    format: "esm",
  });
  const script = outputFiles[0]?.text ?? "";
  const html =
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script type="module" src="/page.js"></script>`;
  const server = createServer(nodeListener(async (request) => {
    if (request.method === "POST") return await login(request);
    const isScript = request.url.endsWith("/page.js");
    const type = isScript ? "text/javascript" : "text/html";
    return new Response(isScript ? script : html, { headers: { "content-type": type } });
  }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = (server.address() as AddressInfo).port; // it listens on TCP
  const config = {
    testMatch: "login.spec.js",
    workers: 1,
    use: {
      baseURL: `http://127.0.0.1:${port}`,
      launchOptions: { executablePath: chromium.path, args: CHROMIUM_FLAGS },
    },
  };
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "playwright.config.js"), `export default ${JSON.stringify(config)};`);
  try {
    const env = { FINGERPRINT_KEY: key, FINGERPRINT_PUBLIC_KEY: "public" };
    const { output, trouble } = await run(process.execPath, [join(packages, "@playwright/test/cli.js"), "test"], {
      cwd: folder,
      env,
    });
    assert.equal(trouble, undefined, output);
    assert.match(output, /2 passed/);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
