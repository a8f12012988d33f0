/**
 * `npm run fuzz -- [TARGET…] [--minutes=10] [--save]`: coverage-guided fuzzing of the code that reads hostile input.
 *
 * Each target is a file of `targets/`. It starts from the inputs in `corpus/`; `--save` adds those that covered more,
 * drops those that others replace, and adds the run to `results.json`. A finding is written to `.build/fuzz/`, and `--input=FILE` replays it.
 *
 * @module
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../runtimes/project.ts";
import { keepResult, keptResults, today } from "../support/kept-results.ts";
import { environment, jazzer, OUTPUT } from "./jazzer.ts";
import { readCorpus, type Target, TARGETS, writeCorpus } from "./targets.ts";

/** Longer inputs are slower, and rarely reach what shorter ones do not. */
const MAX_INPUT_BYTES = 2048;

const { positionals, values: { minutes, input, save } } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "10" },
    input: { type: "string" },
    save: { type: "boolean", default: false },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(TARGETS, name));
if (unknown.length > 0 || !(Number(minutes) > 0)) {
  throw new Error(`npm run fuzz -- [TARGET…] [--minutes=N] [--save]; targets: ${Object.keys(TARGETS).join(", ")}`);
}
for (const name of positionals.length > 0 ? positionals : Object.keys(TARGETS)) {
  const target = await TARGETS[name]!(); // every name is one of a target
  await (input === undefined ? run(name, target) : replay(name, target, input));
}

async function run(name: string, target: Target): Promise<void> {
  const folder = join(OUTPUT, name);
  const corpus = join(folder, "corpus");
  const findings = join(folder, "findings/");
  rmSync(corpus, { recursive: true, force: true });
  for (const each of [corpus, findings]) mkdirSync(each, { recursive: true });
  const inputs = [...target.seeds, ...readCorpus(name)];
  for (const [number, bytes] of inputs.entries()) writeFileSync(join(corpus, String(number)), bytes);

  const env = environment();
  const startedAt = Date.now();
  const { status, log } = await jazzer(name, [corpus], env, [
    `-max_total_time=${Math.round(60 * Number(minutes))}`,
    `-max_len=${MAX_INPUT_BYTES}`,
    `-artifact_prefix=${findings}`,
  ]);
  const seconds = (Date.now() - startedAt) / 1000;
  const [, executed, covered] = /#(\d+)\tDONE +cov: (\d+) /.exec(log) ?? [];
  const found = /Test unit written to (\S+)/.exec(log)?.[1];
  if (found !== undefined) {
    process.exitCode = 1;
    const file = relative(ROOT, found);
    console.log(`FINDING  ${name}: ${file}\n${messageIn(log)}\nnpm run fuzz -- ${name} --input=${file}`);
  } else if (status !== 0 || executed === undefined) {
    process.exitCode = 1;
    console.log(`FAILED   ${name}: Jazzer.js ended with ${status}\n${log.slice(-3000)}`);
  } else {
    const rate = Math.round(Number(executed) / seconds);
    const count = Number(executed).toLocaleString("en-US");
    console.log(
      `clean    ${name}: ${count} executions in ${seconds.toFixed()} s (${rate} a second), ${covered} edges covered`,
    );
  }
  if (!save) return;
  await minimise(name, folder, corpus, env);
  const before = keptResults("fuzz")[name];
  keepResult("fuzz", name, {
    date: today(),
    executions: (before?.executions ?? 0) + Number(executed ?? 0),
    minutes: Math.round(10 * (before?.minutes ?? 0) + seconds / 6) / 10,
    covered: Number(covered ?? before?.covered ?? 0),
    findings: (before?.findings ?? 0) + (found === undefined ? 0 : 1),
  });
}

/** Keeps the inputs that together cover as much as all. */
async function minimise(
  name: string,
  folder: string,
  corpus: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const kept = join(folder, "kept");
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept);
  const { log } = await jazzer(name, [kept, corpus], env, ["-merge=1"]);
  const inputs = readdirSync(kept).map((file) => readFileSync(join(kept, file)));
  if (inputs.length === 0) throw new Error(`libFuzzer kept no input:\n${log.slice(-3000)}`);
  writeCorpus(name, inputs);
  console.log(`         ${inputs.length} inputs kept`);
}

function messageIn(log: string): string {
  return log.slice(0, log.indexOf("Test unit written to")).slice(-2000).trim();
}

/** Runs a target once, without the fuzzer, so that a debugger and stack traces work. */
async function replay(name: string, target: Target, file: string): Promise<void> {
  await target.fuzz(readFileSync(file));
  console.log(`${name} accepts ${file}`);
}
