/**
 * A test runner for Stryker: all tests in one process, so that a mutant costs milliseconds and not a new Node.
 *
 * Stryker compiles every mutant into the sources, and a global chooses the active one. `node:test` is replaced by the
 * runner that bundles use, because the real one starts its tests by itself.
 *
 * @module
 */

import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
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

/** The time limit of a test with a mutant, which may keep it waiting for ever. */
const TEST_TIMEOUT_MS = 5000;

const instruments: Instruments = (globalThis as { __stryker__?: Instruments }).__stryker__ ??= {};
const shim = new URL("../runtimes/node-test.ts", import.meta.url).href;
let unhandled: unknown;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "node:test" ? { url: shim, shortCircuit: true } : next(specifier, context),
});
process.on("unhandledRejection", (reason) => void (unhandled ??= reason ?? "nothing"));
process.on("uncaughtException", (error) => void (unhandled ??= error));
// The same inputs for every mutant, and no search for a smaller one.
fc.configureGlobal({ seed: 1, endOnFailure: true });

class ModuleTestRunner {
  readonly #files: readonly string[];
  #tests: Promise<readonly Loaded[]> | undefined;
  #ranMutant = false;

  constructor(options: { readonly mutateTests: readonly string[] }) {
    this.#files = options.mutateTests;
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  async dryRun(): Promise<Results> {
    const results: unknown[] = [];
    for (const loaded of await this.#load()) {
      instruments.currentTestId = loaded.id;
      const startedAt = performance.now();
      const record = await run(loaded, Infinity);
      results.push({
        id: loaded.id,
        name: record.name,
        fileName: join(process.cwd(), loaded.file),
        timeSpentMs: performance.now() - startedAt,
        status: { passed: 0, failed: 1, skipped: 2 }[record.outcome],
        failureMessage: record.message,
      });
      instruments.currentTestId = undefined;
    }
    return { status: "complete", tests: results, mutantCoverage: instruments.mutantCoverage };
  }

  async mutantRun({ activeMutant: { id }, mutantActivation, testFilter, hitLimit }: MutantRun): Promise<Results> {
    if (mutantActivation === "static") instruments.activeMutant = id;
    const tests = await this.#load();
    const chosen = tests.filter((each) => testFilter === undefined || testFilter.includes(each.id));
    instruments.activeMutant = id;
    instruments.hitLimit = hitLimit;
    instruments.hitCount = hitLimit === undefined ? undefined : 0;
    const wasFresh = !this.#ranMutant;
    this.#ranMutant = true;
    for (const each of chosen) {
      const record = await run(each);
      if (hitLimit !== undefined && (instruments.hitCount ?? 0) > hitLimit) {
        return { status: "timeout", reason: "hit limit" };
      }
      if (record.outcome !== "failed") continue;
      // What an earlier mutant left behind fails a test, too. Only a fresh process is above that.
      if (!wasFresh && !await this.#isTheMutant(id, each)) process.exit(1);
      return { status: "killed", killedBy: [each.id], failureMessage: record.message, nrOfTests: chosen.length };
    }
    return { status: "survived", nrOfTests: chosen.length };
  }

  /** Whether the test passes without the mutant, and fails again with it. */
  async #isTheMutant(id: string, each: Loaded): Promise<boolean> {
    instruments.activeMutant = undefined;
    instruments.hitCount = undefined;
    const without = await run(each);
    instruments.activeMutant = id;
    return without.outcome === "passed" && (await run(each)).outcome === "failed";
  }

  #load(): Promise<readonly Loaded[]> {
    return this.#tests ??= load(this.#files);
  }
}

async function load(files: readonly string[]): Promise<readonly Loaded[]> {
  const loaded: Loaded[] = [];
  for (const file of files) {
    const tests = await loadTests(() => import(pathToFileURL(join(process.cwd(), file)).href));
    loaded.push(...tests.map((test, index) => ({ id: `${file}#${index} ${test.name}`, file, test })));
  }
  return loaded;
}

async function run({ test }: Loaded, limitMs = TEST_TIMEOUT_MS): Promise<TestRecord> {
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
