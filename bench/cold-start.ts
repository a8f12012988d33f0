/**
 * Cold start: what a process takes from nothing to its first event, as a function that has just been woken does.
 *
 * Each launch is a process of its own that imports a contestant as it is published (ours as `npm run build` makes it), opens one
 * event of 4 KB and ends. Contestants take turns in shuffled rounds.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../tests/runtimes/project.ts";
import { BENCH } from "./bundle.ts";
import { KEY, type Payload } from "./payloads.ts";
import { randomNumbers, shuffled } from "./random.ts";
import { type ColdStartResult, quartiles } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { SEED } from "./settings.ts";

const EVENT_BYTES = 4096;

/** The scripts by contestant; `empty` does nothing, and shows what the runtime itself takes. */
export interface ColdScripts {
  readonly [contestant: string]: string;
}

/** Builds the library as npm publishes it and writes a script for each contestant. */
export function writeColdScripts(
  folder: string,
  payloads: readonly Payload[],
): ColdScripts {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "build", "--silent"], { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`The library does not build: ${stdout}${stderr}`);
  const dist = join(ROOT, "dist");

  const sealedOf = (version: 3 | 4): string => {
    const payload = payloads.find((each) => each.version === version && each.bytes === EVENT_BYTES);
    return JSON.stringify(payload?.sealed);
  };
  const url = (...path: string[]) => JSON.stringify(pathToFileURL(join(...path)).href);
  const key = JSON.stringify(KEY);
  const ours = `const { createUnsealer } = await import(${url(dist, "mod.js")});`;
  const sdk = (version: 3 | 4, name: string) =>
    `const { unsealEventsResponse } = await import(${url(BENCH, "node_modules", name, "dist/index.mjs")});
const { Buffer } = await import("node:buffer");
const sealed = Buffer.from(${sealedOf(version)}, "base64");
const event = await unsealEventsResponse(sealed, [{ key: Buffer.from(${key}, "base64"), algorithm: "aes-256-gcm" }]);`;
  const bodies: Record<string, string> = {
    "empty": "const event = { products: {} };",
    "ours": `${ours}
const event = await createUnsealer({ keys: ${key} }).unseal(${sealedOf(4)});`,
    "ours, node-cipher": `${ours}
const { nodeCipher } = await import(${url(dist, "src/node-cipher.js")});
const event = await createUnsealer({ keys: ${key}, cipher: nodeCipher() }).unseal(${sealedOf(4)});`,
    "SDK 6": sdk(3, "@fingerprintjs/fingerprintjs-pro-server-api"),
    "SDK 7": sdk(4, "@fingerprint/node-sdk"),
  };
  return Object.fromEntries(
    Object.entries(bodies).map(([name, body], index) => {
      const script = join(folder, `cold-${index}.mjs`);
      writeFileSync(
        script,
        `const start = performance.now();
${body}
const ms = performance.now() - start;
if (event.products === undefined && event.event_id === undefined) throw new Error("Not an event");
console.log(ms);
`,
      );
      return [name, script];
    }),
  );
}

/** Launches every contestant so many times. */
export async function measureColdStart(
  runtime: Runtime,
  scripts: ColdScripts,
  launches: number,
): Promise<ColdStartResult> {
  const random = randomNumbers(SEED);
  const contestants = Object.entries(scripts).map(([name, script]) => ({
    name,
    script,
    inProcess: [] as number[],
    wholeProcess: [] as number[],
  }));
  // The first launch of all reads the files from the disk; it is thrown away.
  for (const { script } of contestants) await launch(runtime, script);
  for (let round = 0; round < launches; round++) {
    for (
      const { script, inProcess, wholeProcess } of shuffled(contestants, random)
    ) {
      const timing = await launch(runtime, script);
      inProcess.push(timing.inProcess);
      wholeProcess.push(timing.wholeProcess);
    }
  }
  const byName = (
    times: (contestant: typeof contestants[number]) => number[],
  ) =>
    Object.fromEntries(
      contestants.map((each) => [each.name, quartiles(times(each))]),
    );
  return {
    launches,
    inProcess: byName(({ inProcess }) => inProcess),
    wholeProcess: byName(({ wholeProcess }) => wholeProcess),
  };
}

async function launch(
  runtime: Runtime,
  script: string,
): Promise<{ inProcess: number; wholeProcess: number }> {
  const { command, args } = runtime.start(script);
  const start = performance.now();
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on(
    "data",
    (text: string) => void (output += text),
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const wholeProcess = performance.now() - start;
  const inProcess = Number(output.trim() === "" ? NaN : output);
  if (code !== 0 || Number.isNaN(inProcess)) {
    throw new Error(`${runtime.name} did not run ${script}: ${output}`);
  }
  return { inProcess, wholeProcess };
}
