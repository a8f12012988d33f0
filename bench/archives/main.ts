/**
 * `npm run bench:archives`: `unseal batch` with one and two jobs, to events and to rows of `--summary`, against the
 * official SDK on the same worker threads; the memory of a million lines, and the time that threads need only to open
 * them. `--quick` uses a tenth of the lines and writes nothing. `--memory` measures only a million lines, and keeps the
 * other results.
 *
 * The contestants take turns, each in its own process, on the same archives of v4 events. CPU time is that of the whole
 * process. Other work on the machine affects it less than it affects the rate.
 *
 * @module
 */

import { buildSync } from "esbuild";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { listNodes } from "../../tests/runtimes/programs.ts";
import { versionOf } from "../../tests/runtimes/run.ts";
import { randomNumbers } from "../../tests/support/random.ts";
import { BENCH } from "../bundle.ts";
import { machine, packageVersions } from "../measure.ts";
import { makePayloads } from "../payloads.ts";
import { shuffled } from "../random.ts";
import { type ArchiveCell, KEPT_RESULTS, readResults, writeDocument } from "../report/documents.ts";
import { writeReport } from "../report/main.ts";
import { archivesSection } from "../report/sections.ts";
import { KEY, SEED } from "../settings.ts";
import { quantile, rounded } from "../statistics.ts";

const isQuick = process.argv.includes("--quick");
const kept = process.argv.includes("--memory") ? readResults().archives : undefined;
const ROUNDS = isQuick ? 1 : 3;
/** Lines of an archive by the size of its events. Each takes some CPU seconds, so that starting threads is negligible. */
const LINES: Readonly<Record<number, number>> = { 1024: 200_000, 4096: 100_000, 16384: 30_000 };
const MEMORY_LINES = [100_000, 1_000_000];
/** Events, and rows of `--summary`. */
const FORMS = [undefined, "summary"] as const;
type Form = (typeof FORMS)[number];
type Archive = { readonly path: string; readonly lines: number };

const node = listNodes().find(({ name, path }) => name === "node24" && path !== undefined);
if (node?.path === undefined) {
  throw new Error("node24 is not installed: npm ci --prefix tests/runtimes");
}
const executable = node.path;

/** In memory, if possible: writing gigabytes to a disk delays the programs that run next. */
const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "unseal-archives-"));
const output = join(folder, "out");
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));

writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
const ours = bundled("../src/cli/mod.ts");
const sdk = bundled("archives/sdk-batch.ts");
const opening = bundled("archives/opening.ts");
/** A module that writes the CPU time and the memory of its process when the process ends. */
const preload = join(folder, "usage.mjs");
writeFileSync(
  preload,
  `import { isMainThread } from "node:worker_threads";
import { readFileSync, writeFileSync } from "node:fs";
if (isMainThread) process.on("exit", () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  // maxRSS would count the process that started this one.
  const maxRssKib = Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  writeFileSync(process.env.USAGE_FILE, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRssKib }));
});`,
);

const payloads = (await makePayloads(SEED)).filter(({ version }) => version === 4);
const random = randomNumbers(SEED);
const cells: ArchiveCell[] = [];
let load = kept?.load ?? 0;
for (const [bytes, lines] of kept === undefined ? Object.entries(LINES) : []) {
  const archive = writeArchive(Number(bytes), isQuick ? lines / 10 : lines);
  for (const form of FORMS) {
    cells.push(...contest(Number(bytes), archive, form));
    load = Math.max(load, rounded(loadavg()[0] ?? 0));
    console.log(`${bytes} bytes done, ${form ?? "events"}; load ${load}`);
  }
}

/** For the last archive. */
let openingMs = 0;
const memory = (isQuick ? MEMORY_LINES.slice(0, 1) : MEMORY_LINES).flatMap((lines) => {
  const { path } = writeArchive(1024, lines);
  openingMs = run(opening, [path, "2", KEY]).ms;
  return FORMS.map((form) => {
    const { ms, maxRssKib } = runOurs(path, form, 2);
    return {
      ...form && { form },
      lines,
      maxRssMib: Math.round(maxRssKib / 1024),
      perSecond: rounded(lines / ms * 1000),
    };
  });
});

const document = {
  date: new Date().toISOString(),
  runtime: `Node ${versionOf(executable)}`,
  machine,
  packages: packageVersions(),
  rounds: ROUNDS,
  load,
  cells: kept?.cells ?? cells,
  memory,
  openingSeconds: rounded(openingMs / 1000),
};
console.log(`\n${archivesSection({ runtimes: [], sizes: undefined, archives: document })}\n`);
if (!isQuick) {
  writeDocument(KEPT_RESULTS, "archives", document);
  console.log(`Report: ${writeReport(readResults()).join(", ") || "nothing has changed"}`);
}

/** Opens an archive with each contestant in turn, and compares the outputs. */
function contest(bytes: number, archive: Archive, form: Form): ArchiveCell[] {
  const contestants = [1, 2].flatMap((jobs) =>
    (["ours", "SDK 7"] as const).map((name) => ({ name, jobs, ms: [] as number[], cpuMs: [] as number[] }))
  );
  let expected: Buffer | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, jobs, ms, cpuMs } of shuffled(contestants, random)) {
      const used = name === "ours"
        ? runOurs(archive.path, form, jobs)
        : run(sdk, [archive.path, output, String(jobs), KEY, form ?? ""]);
      const written = name === "ours" && form === "summary" ? withoutRowNumbers() : readFileSync(output);
      expected ??= written;
      if (!written.equals(expected)) {
        throw new Error(`${name} with ${jobs} jobs returns a different output`);
      }
      ms.push(used.ms);
      cpuMs.push(used.cpuMs);
    }
  }
  return contestants.map(({ name, jobs, ms, cpuMs }) => ({
    ...form && { form },
    bytes,
    name,
    jobs,
    perSecond: rounded(archive.lines / quantile(ms, 0.5) * 1000),
    cpuMs: rounded(quantile(cpuMs, 0.5)),
    cores: rounded(quantile(cpuMs.map((each, index) => each / (ms[index] ?? NaN)), 0.5)),
  }));
}

function runOurs(archive: string, form: Form, jobs: number): Usage {
  const options = form === undefined ? [] : [`--${form}`];
  return run(ours, ["batch", archive, "-o", output, "--force", "--quiet", "--jobs", String(jobs), ...options]);
}

/** The output without its row numbers, which the SDK's program does not count. */
function withoutRowNumbers(): Buffer {
  return Buffer.from(readFileSync(output, "latin1").replaceAll(/^\{"row":\d+,/gm, "{"), "latin1");
}

/** Bundles a program into one file, as npm publishes it: the time to load many sources would count as opening. */
function bundled(source: string): string {
  const outfile = join(folder, source.replace(/^.*?(\w+\/\w[\w-]*)\.ts$/, "$1.js"));
  buildSync({
    entryPoints: [join(BENCH, source)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    logLevel: "silent",
  });
  return outfile;
}

function writeArchive(bytes: number, lines: number): Archive {
  const path = join(folder, `archive-${bytes}-${lines}`);
  const sealed = payloads.filter((payload) => payload.bytes === bytes).map((payload) => `${payload.sealed}\n`);
  const block = sealed.join("");
  const file = openSync(path, "w");
  const blocks = Math.ceil(lines / sealed.length);
  for (let written = 0; written < blocks; written++) writeSync(file, block);
  return { path, lines: blocks * sealed.length };
}

interface Usage {
  readonly ms: number;
  readonly cpuMs: number;
  readonly maxRssKib: number;
}

function run(script: string, args: readonly string[]): Usage {
  const usage = join(folder, "usage.json");
  const start = performance.now();
  const { status, stderr } = spawnSync(executable, ["--import", preload, script, ...args], {
    env: { PATH: process.env["PATH"] ?? "", UNSEAL_KEYS: KEY, USAGE_FILE: usage },
    encoding: "utf8",
  });
  const ms = performance.now() - start;
  if (status !== 0) {
    throw new Error(`${script} ended with ${status}: ${stderr}`);
  }
  return { ms, ...JSON.parse(readFileSync(usage, "utf8")) };
}
