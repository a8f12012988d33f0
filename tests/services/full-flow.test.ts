/** Runs `examples/full-flow` as `npm run full-flow` does, and checks that no process is left when it has ended. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { absenceOf, program } from "../runtimes/programs.ts";
import { findCommand } from "../runtimes/run.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { bundleProgram } from "./support/bundled.ts";

const MAIN = await bundleProgram("examples/full-flow/main.ts");

const TIMEOUT_MS = 120_000;

const ID = String.raw`\d{13}\.[A-Za-z0-9]{6}`;

const LINES = [
  String.raw`0\. Redis, a stand-in for Fingerprint, the application and Chromium [\d.]+ run`,
  String.raw`1\. the page's sealed result was opened, and the application received event ${ID}: 200`,
  String.raw`2\. the page's second post of the same result was refused, as Redis knows its id: 409 ERR_REPLAY_SEEN`,
  String.raw`3\. a result that was sealed with the old key was opened too: 200; usage\(\) counts new 2, old 1`,
  String.raw`4\. without a sealed result, event ${ID} came from the Events API by its id: 200`,
  String
    .raw`5\. the webhook of the first event was recognised by its id, one of another event was new, a forged one refused: 403`,
  String.raw`6\. the page got Fingerprint's answer through the proxy byte for byte, the application event ${ID}`,
  String.raw`7\. Redis, Chromium and both servers were stopped and removed`,
];

test("examples/full-flow shows each step and leaves nothing behind", { timeout: TIMEOUT_MS }, async (t) => {
  await runFlow(t, {}, async (flow) => {
    assert.deepEqual(await flow.ended, { code: 0, signal: null }, flow.printed());
    assert.match(flow.printed(), new RegExp(`^${LINES.join("\n")}\n$`));
  });
});

test("examples/full-flow fails and leaves nothing behind when the browser does not start", {
  timeout: TIMEOUT_MS,
}, async (t) => {
  await runFlow(t, { CHROMIUM: findCommand("false") ?? "/bin/false" }, async (flow) => {
    assert.deepEqual(await flow.ended, { code: 1, signal: null }, flow.printed());
    assert.doesNotMatch(flow.printed(), /^\d\. /m);
  });
});

for (const line of [0, 3]) {
  test(`examples/full-flow leaves nothing behind when it is ended after line ${line}`, {
    timeout: TIMEOUT_MS,
  }, async (t) => {
    await runFlow(t, {}, async (flow) => {
      await flow.whenPrinted(`${line}. `);
      flow.child.kill("SIGTERM");
      assert.deepEqual(await flow.ended, { code: 1, signal: null }, flow.printed());
    });
  });
}

interface Flow {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  printed(): string;
  whenPrinted(text: string): Promise<void>;
}

/** Runs the script on this Node with its own temporary folder, and fails if files or processes of it are left. */
async function runFlow(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
  check: (flow: Flow) => Promise<void>,
): Promise<void> {
  if (process.versions["deno"] !== undefined || process.versions["bun"] !== undefined) {
    return t.skip("the script is for Node, and the test runs on Node");
  }
  for (const name of ["redis", "chromium"] as const) if (skipIfAbsent(t, absenceOf(program(name)))) return;
  const folder = mkdtempSync(join(tmpdir(), "unseal-full-flow-"));
  const flow = startFlow({ ...process.env, ...environment, TMPDIR: folder });
  try {
    await check(flow);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(processesOf(folder), []);
  } finally {
    flow.child.kill("SIGKILL");
    await flow.ended;
    for (const { pid } of processesOf(folder)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function startFlow(env: NodeJS.ProcessEnv): Flow {
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => resolve({ code, signal }));
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => void (printed += text));
  }
  return {
    child,
    ended,
    printed: () => printed,
    whenPrinted: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => void (printed.includes(text) && resolve());
        child.stdout.on("data", look);
        ended.then(() => reject(new Error(`Ended without printing ${text}\n${printed}`)), reject);
        look();
      }),
  };
}

/**
 * The processes that have the folder's name in their arguments or environment; none on systems without `/proc`.
 */
function processesOf(folder: string): { pid: number; command: string }[] {
  const read = (pid: number, name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, "utf8").replaceAll("\0", " ").trim();
    } catch {
      return ""; // It has ended.
    }
  };
  const pids = process.platform === "linux" ? readdirSync("/proc").map(Number).filter((pid) => pid > 0) : [];
  return pids.filter((pid) => ["cmdline", "environ"].some((name) => read(pid, name).includes(folder)))
    .map((pid) => ({ pid, command: read(pid, "cmdline") }));
}
