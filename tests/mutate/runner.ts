/**
 * A test runner for Stryker: all tests in one process, so that a mutant costs milliseconds and not a new Node.
 *
 * Stryker compiles every mutant into the sources, and a global chooses the active one. `node:test` is replaced by the
 * runner that bundles use, because the real one starts its tests by itself.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import fc from "fast-check";
import { loadTests, type RegisteredTest, runTest, type TestRecord } from "../runtimes/node-test.ts";

/** The part of Stryker's plugin interface that is used; its packages need not be installed to check the types. */
interface Results {
  readonly status: string;
  readonly [detail: string]: unknown;
}

interface MutantRun {
  readonly activeMutant: { readonly id: string };
  readonly mutantActivation: "static" | "runtime";
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
}

/** What instrumented sources read and write. */
interface Instruments {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: unknown;
}

interface Loaded {
  readonly id: string;
  readonly file: string;
  readonly test: RegisteredTest;
}

/** How long each test took without a mutant; in Stryker's copy of the project. */
const DURATIONS = "durations.json";

/** Tests that take longer than this in instrumented sources would make each mutant take minutes: none runs them. */
const LONGEST_TEST_MS = 8000;

const instruments: Instruments = (globalThis as { __stryker__?: Instruments }).__stryker__ ??= {};
const shim = new URL("../runtimes/node-test.ts", import.meta.url).href;
let unhandled: unknown;

/** A new number gives new instances of all modules of the copy, because it becomes part of their URLs. */
let generation = 0;
const stripped = new Map<string, string>();

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "node:test") return { url: shim, shortCircuit: true };
    const resolved = next(specifier, context);
    return isCopied(resolved.url) ? { ...resolved, url: `${resolved.url.split("?")[0]}?${generation}` } : resolved;
  },
  load(url, context, next) {
    if (!isCopied(url)) return next(url, context);
    const path = fileURLToPath(url.split("?")[0] ?? "");
    const source = stripped.get(path) ?? stripTypeScriptTypes(readFileSync(path, "utf8"));
    stripped.set(path, source);
    return { format: "module", source, shortCircuit: true };
  },
});
process.on("unhandledRejection", (reason) => void (unhandled ??= reason ?? "nothing"));
process.on("uncaughtException", (error) => void (unhandled ??= error));
// The same inputs for every mutant, and no search for a smaller one.
fc.configureGlobal({ seed: 1, endOnFailure: true });

class ModuleTestRunner {
  readonly #files: readonly string[];
  /** The tests, loaded without a mutant. */
  #clean: Promise<readonly Loaded[]> | undefined;
  #isFresh = true;

  constructor(options: { readonly mutateTests: readonly string[] }) {
    this.#files = options.mutateTests;
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<Results> {
    const results: unknown[] = [];
    const durations: Record<string, number> = {};
    for (const loaded of await this.#loadClean()) {
      instruments.currentTestId = loaded.id;
      const startedAt = performance.now();
      const record = await run(loaded, Infinity);
      durations[loaded.id] = performance.now() - startedAt;
      results.push({
        id: loaded.id,
        name: record.name,
        fileName: join(process.cwd(), loaded.file),
        timeSpentMs: durations[loaded.id],
        status: { passed: 0, failed: 1, skipped: 2 }[record.outcome],
        failureMessage: record.message,
      });
      instruments.currentTestId = undefined;
    }
    writeFileSync(DURATIONS, JSON.stringify(durations));
    return { status: "complete", tests: results, mutantCoverage: instruments.mutantCoverage };
  }

  async mutantRun(options: MutantRun): Promise<Results> {
    const { activeMutant: { id }, mutantActivation, testFilter, hitLimit } = options;
    const isStatic = mutantActivation === "static";
    const count = () => {
      instruments.activeMutant = id;
      instruments.hitLimit = hitLimit;
      instruments.hitCount = hitLimit === undefined ? undefined : 0;
    };
    let tests;
    try {
      if (isStatic) count();
      tests = isStatic ? await load(this.#files) : await this.#loadClean();
    } catch (error) {
      return { status: "killed", killedBy: [this.#files[0]], failureMessage: `Import: ${error}`, nrOfTests: 0 };
    }
    const durations: Readonly<Record<string, number>> = JSON.parse(readFileSync(DURATIONS, "utf8"));
    // Most mutants fail most tests: the quick ones come first.
    const durationOf = ({ id }: Loaded): number => durations[id] ?? 0;
    const limitOf = (each: Loaded): number => 3000 + 3 * durationOf(each);
    const chosen = tests.filter((each) => testFilter === undefined || testFilter.includes(each.id)).filter((each) =>
      durationOf(each) <= LONGEST_TEST_MS
    ).sort((one, other) => durationOf(one) - durationOf(other));
    const wasFresh = this.#isFresh || isStatic;
    if (!isStatic) this.#isFresh = false;
    count();
    for (const each of chosen) {
      const record = await run(each, limitOf(each));
      if (hitLimit !== undefined && (instruments.hitCount ?? 0) > hitLimit) {
        return { status: "timeout", reason: "hit limit" };
      }
      if (record.outcome !== "failed") continue;
      // What an earlier mutant left behind fails a test, too. Only fresh modules are above that.
      if (!wasFresh && !await this.#isTheMutant(id, each, limitOf(each))) {
        this.#clean = undefined;
        return await this.mutantRun(options);
      }
      return { status: "killed", killedBy: [each.id], failureMessage: record.message, nrOfTests: chosen.length };
    }
    // What the modules keep from before the mutant was active can hide it.
    if (!wasFresh) {
      this.#clean = undefined;
      return await this.mutantRun(options);
    }
    return { status: "survived", nrOfTests: chosen.length };
  }

  /** Whether the test passes without the mutant, and fails again with it. */
  async #isTheMutant(id: string, each: Loaded, limitMs: number): Promise<boolean> {
    instruments.activeMutant = undefined;
    instruments.hitCount = undefined;
    const without = await run(each, limitMs);
    instruments.activeMutant = id;
    return without.outcome === "passed" && (await run(each, limitMs)).outcome === "failed";
  }

  #loadClean(): Promise<readonly Loaded[]> {
    if (this.#clean === undefined) {
      instruments.activeMutant = undefined;
      this.#isFresh = true;
      this.#clean = load(this.#files);
    }
    return this.#clean;
  }
}

/** Imports new instances of all modules. */
async function load(files: readonly string[]): Promise<readonly Loaded[]> {
  generation++;
  const loaded: Loaded[] = [];
  for (const file of files) {
    const tests = await loadTests(() => import(pathToFileURL(join(process.cwd(), file)).href));
    loaded.push(...tests.map((test, index) => ({ id: `${file}#${index} ${test.name}`, file, test })));
  }
  return loaded;
}

/** Whether a module is of Stryker's copy of the project, which is the working directory. */
function isCopied(url: string): boolean {
  return url.startsWith(pathToFileURL(process.cwd()).href) &&
    url.split("?")[0]?.endsWith(".ts") === true &&
    !url.includes("/node_modules/");
}

/** Runs a test. Its time is limited, because a mutant may keep it waiting for ever. */
async function run({ test }: Loaded, limitMs: number): Promise<TestRecord> {
  unhandled = undefined;
  const options = limitMs === Infinity ? test.options : { ...test.options, timeout: limitMs };
  const record = await runTest({ ...test, options });
  // Rejections are reported after the microtasks of their turn.
  await new Promise((resolve) => setImmediate(resolve));
  return unhandled === undefined ? record : { ...record, outcome: "failed", message: `Unhandled: ${unhandled}` };
}

function createRunner(options: { readonly mutateTests: readonly string[] }): ModuleTestRunner {
  return new ModuleTestRunner(options);
}
createRunner.inject = ["options"] as const;

export const strykerPlugins = [{ kind: "TestRunner", name: "modules", factory: createRunner }];
