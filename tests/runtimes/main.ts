/**
 * `npm test`: runs the suite on every JavaScript runtime, or on the named ones: `npm test -- node20 deno services`.
 *
 * The report names each runtime and engine that is missing. With `CI=true`, or when it is named on the command line, a
 * missing runtime is a failure. `--verbose` names the skipped tests and the slowest ones.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { browserLaunchers } from "./browser.ts";
import { bunLauncher, bunStoresLauncher, denoLauncher, denoStoresLauncher } from "./deno-bun.ts";
import { edgeRuntimeLauncher } from "./edge-runtime.ts";
import { fastlyLauncher } from "./fastly.ts";
import { nginxLauncher } from "./nginx.ts";
import { newestNodeLaunchers, nodeLaunchers } from "./node.ts";
import { listEngines } from "./programs.ts";
import { quickjsLauncher } from "./quickjs.ts";
import { type Launcher, resultOf } from "./record.ts";
import { compareNames, isMissing, type Outcome, report, summaryLine } from "./report.ts";
import { workerdLaunchers } from "./workerd.ts";

const LAUNCHERS: readonly Launcher[] = [
  ...nodeLaunchers,
  denoLauncher,
  bunLauncher,
  ...workerdLaunchers,
  edgeRuntimeLauncher,
  ...browserLaunchers,
  quickjsLauncher,
  fastlyLauncher,
  nginxLauncher,
  ...newestNodeLaunchers,
  denoStoresLauncher,
  bunStoresLauncher,
];

/** Rows that run at the same time: browsers and Node start several processes each. */
const AT_ONCE = Math.max(3, Math.floor(availableParallelism() / 2));

/** Rows that wait for engines nearly all the time. They run one after another beside the others. */
const WAITING = "stores-";

/** The slowest rows, by the start of their names. They start first, so that they do not run alone at the end. */
const LONGEST = ["consumers-", "project-", "services-", "quickjs", "edge-runtime"];

const { values: { verbose }, positionals: names } = parseArgs({
  options: { verbose: { type: "boolean", default: false } },
  allowPositionals: true,
});

const isEveryRuntimeRequired = process.env["CI"] === "true" || names.length > 0;

// Runtimes run in process groups of their own, so Ctrl-C reaches only this process; they end when it exits.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const outcomes = compareNames(await runAll(choose()));
const usesEngines = outcomes.some(({ runtime }) => /^(?:services|stores)-/.test(runtime));
const missingEngines = usesEngines ? listEngines().filter(({ path }) => path === undefined) : [];
console.log(report(outcomes, missingEngines, verbose));
process.exitCode = outcomes.some((outcome) => !isMissing(outcome) && outcome.failed > 0) ? 1 : 0;

/** The launchers whose name, or its part before a hyphen, was given; without names, all launchers. */
function choose(): readonly Launcher[] {
  const known = LAUNCHERS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.some((each) => isMeant(each, name)));
  if (unknown.length > 0) {
    console.error(`Unknown runtime ${unknown.join(", ")}: there are ${known.join(", ")}`);
    process.exit(1);
  }
  return names.length === 0 ? LAUNCHERS : LAUNCHERS.filter(({ name }) => names.some((given) => isMeant(name, given)));
}

function isMeant(name: string, given: string): boolean {
  return name === given || name.startsWith(`${given}-`);
}

/** Runs launchers, a few at once; outcomes are in the launchers' order. */
async function runAll(launchers: readonly Launcher[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const isLong = ({ name }: Launcher): boolean => LONGEST.some((start) => name.startsWith(start));
  const rows = [...launchers.entries()].sort(([, one], [, other]) => Number(isLong(other)) - Number(isLong(one)));
  const doesWait = ([, { name }]: (typeof rows)[number]): boolean => name.startsWith(WAITING);
  const work = async (queue: typeof rows): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, launcher] = next;
      const outcome = await runOne(launcher);
      console.log(summaryLine(outcome));
      outcomes[index] = outcome;
    }
  };
  const [waiting, others] = [rows.filter(doesWait), rows.filter((row) => !doesWait(row))];
  await Promise.all([work(waiting), ...Array.from({ length: AT_ONCE }, () => work(others))]);
  return outcomes;
}

/** A launcher that throws, as when a test file cannot be bundled, is a failure of its runtime. */
async function runOne({ name, launch }: Launcher): Promise<Outcome> {
  const startedAt = Date.now();
  const failed = (title: string, message: string): Outcome =>
    resultOf(name, "", startedAt, [{ name: title, outcome: "failed", message, suite: "portable" }]);
  try {
    const launched = await launch();
    if (!("missing" in launched)) return resultOf(name, launched.version, startedAt, launched.records);
    if (!isEveryRuntimeRequired) return { runtime: name, missing: launched.missing };
    return failed("find the runtime", `${name} is missing: ${launched.missing}`);
  } catch (error) {
    return failed("launch", error instanceof Error ? error.stack ?? error.message : String(error));
  }
}
