/**
 * Cold start: the time from the start of a process to its first event, as in a serverless function.
 *
 * Each launch is a separate process that imports a contestant as published (ours as built by `npm run build`), opens one
 * event of 4 KB and ends. Contestants take turns in shuffled rounds.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../tests/runtimes/project.ts";
import type { Contestant } from "./contestant.ts";
import type { Payload } from "./payloads.ts";
import { randomNumbers } from "../tests/support/random.ts";
import { shuffled } from "./random.ts";
import type { ColdStart } from "./report/documents.ts";
import { runScript, type Runtime } from "./runtimes.ts";
import { KEY, SEED } from "./settings.ts";
import { quantile, rounded } from "./statistics.ts";

const EVENT_BYTES = 4096;

/** A script of a contestant. `empty` does nothing, and shows the time of the runtime itself. */
export interface ColdScript {
  readonly name: string;
  readonly script: string;
}

/** Builds the library as npm publishes it and writes a script for each contestant. */
export function writeColdScripts(
  folder: string,
  payloads: readonly Payload[],
  contestants: readonly Contestant[],
): ColdScript[] {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "build", "--silent"], { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`The library does not build: ${stdout}${stderr}`);
  const sealed = payloads.filter(({ bytes }) => bytes === EVENT_BYTES).map(({ version, sealed }) => [version, sealed]);
  const url = (path: string) => pathToFileURL(join(ROOT, path)).href;
  const bodies = contestants.flatMap(({ name, coldStart }) => coldStart ? [{ name, body: coldStart(url) }] : []);
  return [{ name: "empty", body: "const event = { products: {} };" }, ...bodies].map(({ name, body }, index) => {
    const script = join(folder, `cold-${index}.mjs`);
    writeFileSync(
      script,
      `const KEY = ${JSON.stringify(KEY)};
const SEALED = ${JSON.stringify(Object.fromEntries(sealed))};
const start = performance.now();
${body}
const ms = performance.now() - start;
if (event.products === undefined && event.event_id === undefined) throw new Error("Not an event");
console.log(ms);
`,
    );
    return { name, script };
  });
}

/** Launches every script the given number of times. */
export async function measureColdStart(
  runtime: Runtime,
  scripts: readonly ColdScript[],
  launches: number,
): Promise<ColdStart> {
  const random = randomNumbers(SEED);
  const contestants = scripts.map((each) => ({ ...each, inProcess: [] as number[], wholeProcess: [] as number[] }));
  // The first launches read the files from the disk and are not counted.
  for (const { script } of scripts) await runScript(runtime, script);
  for (let round = 0; round < launches; round++) {
    for (const { script, inProcess, wholeProcess } of shuffled(contestants, random)) {
      const start = performance.now();
      const printed = Number(await runScript(runtime, script));
      if (!(printed >= 0)) throw new Error(`${runtime.name} printed no time`);
      inProcess.push(printed);
      wholeProcess.push(performance.now() - start);
    }
  }
  const medians = (timesOf: (contestant: typeof contestants[number]) => number[]) =>
    Object.fromEntries(contestants.map((each) => [each.name, rounded(quantile(timesOf(each), 0.5))]));
  return {
    launches,
    inProcess: medians(({ inProcess }) => inProcess),
    wholeProcess: medians(({ wholeProcess }) => wholeProcess),
  };
}
