/**
 * Bundles the test files into one script, for runtimes that cannot read them from disk.
 *
 * @module
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { ROOT, testFiles } from "./project.ts";
import { recordsOf, type Suite, type SuiteRecord } from "./record.ts";
import type { Ended } from "./run.ts";

const VECTORS = join(dirname(ROOT), "shared/vectors");

export interface BundleOptions {
  readonly suite: Suite;
  /** Code that calls `runTests(files, onRecord)`; `runTests` and `files` are in its scope. */
  readonly start: string;
  readonly format: "esm" | "iife";
  readonly conditions: readonly string[];
  /** For an engine without timers. */
  readonly timerless?: boolean;
}

/**
 * Bundles a suite. Each file has its own import, so that a file that throws does not prevent the others from running.
 */
export async function bundleTests(options: BundleOptions): Promise<string> {
  const files = testFiles(options.suite)
    .map((file) => `[${JSON.stringify(file)}, () => import(${JSON.stringify(`./${file}`)})]`);
  const entry = `import { runTests } from "node:test";
const files = [${files.join(",\n")}];
${options.start}`;
  const { outputFiles: [output] } = await build({
    stdin: { contents: entry, resolveDir: ROOT, sourcefile: "entry.ts", loader: "ts" },
    bundle: true,
    write: false,
    platform: "neutral",
    target: "es2022",
    format: options.format,
    mainFields: ["module", "main"],
    conditions: ["import", ...options.conditions],
    alias: { "node:test": join(ROOT, "tests/runtimes/node-test.ts") },
    plugins: options.timerless ? [npmAssert, inlineVectors, timerlessFastCheck] : [npmAssert, inlineVectors],
    // The properties of a Node process that npm's assert reads.
    define: { "process.env.NODE_DEBUG": "undefined", "process.stderr": "undefined" },
    // The manifest declares no side effects, so the bundler would otherwise drop every test file.
    ignoreAnnotations: true,
    logLevel: "silent",
  });
  if (output === undefined) throw new Error("esbuild made no output");
  return output.text;
}

/**
 * Bundles the portable tests into `tests.js` of a temporary folder, and runs them.
 *
 * @param runBundle Gets the folder.
 */
export async function runBundled(
  options: Omit<BundleOptions, "suite">,
  runBundle: (folder: string) => Promise<Ended>,
): Promise<SuiteRecord[]> {
  const folder = mkdtempSync(join(tmpdir(), "unseal-bundle-"));
  try {
    writeFileSync(join(folder, "tests.js"), await bundleTests({ ...options, suite: "portable" }));
    return recordsOf(await runBundle(folder), "portable");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Replaces `node:assert/strict` by npm's `assert`, a port of Node's.
 *
 * That package imports its dependency `util` as `util/`, which esbuild does not resolve. `util` replaces one file for
 * runtimes without `Buffer`.
 */
const npmAssert: Plugin = {
  name: "npm-assert",
  setup({ onLoad, onResolve }) {
    const util = join(ROOT, "node_modules/util");
    onResolve({ filter: /^node:assert\/strict$/ }, () => ({ path: "strict", namespace: "npm-assert" }));
    onLoad({ filter: /.*/, namespace: "npm-assert" }, () => ({
      contents: `import assert from "assert"; export default assert.strict;`,
      resolveDir: ROOT,
    }));
    onResolve({ filter: /^util\/$/ }, () => ({ path: join(util, "util.js") }));
    onResolve({ filter: /^\.\/support\/isBuffer$/ }, () => ({ path: join(util, "support/isBufferBrowser.js") }));
  },
};

/** Replaces the module that reads vectors from disk by one that contains them. */
const inlineVectors: Plugin = {
  name: "inline-vectors",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]tests[\\/]support[\\/]shared-vectors\.ts$/ }, () => {
      const names = existsSync(VECTORS) ? readdirSync(VECTORS).filter((name) => name.endsWith(".json")) : [];
      const texts = names.map((name) => [basename(name, ".json"), readFileSync(join(VECTORS, name), "utf8")]);
      const contents = `const texts = new Map(${JSON.stringify(texts)});
export function sharedVectors(name) {
  const text = texts.get(name);
  return text === undefined ? undefined : JSON.parse(text);
}`;
      return { contents, loader: "js" };
    });
  },
};

/** fast-check reads both timers when it loads. They are `undefined` for fast-check, and undeclared for the library. */
const timerlessFastCheck: Plugin = {
  name: "timerless-fast-check",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]fast-check[\\/]lib[\\/]fast-check\.js$/ }, ({ path }) => ({
      contents: `const setTimeout = undefined, clearTimeout = undefined;\n${readFileSync(path, "utf8")}`,
      loader: "js",
    }));
  },
};
