/**
 * Creates the tarball that `npm publish` would upload. It packs a copy of the project, so that neither a stale `dist/`
 * nor a concurrent test can change the tarball.
 *
 * @module
 */

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { after } from "node:test";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";

export const PACKAGE_NAME = "@unseal/sealed-results";

/** The files of one way to import a module. */
export interface Target {
  readonly types: string;
  readonly default: string;
}

/** A module that can be imported. */
export interface Entry {
  readonly import: Target;
  /** Missing for the command. */
  readonly require?: Target;
}

/** The fields of the manifest that are used here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string | Entry>>;
  readonly files: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A project outside ours in which only the packed package is installed. */
export interface Consumer {
  readonly folder: string;
  readonly tarball: string;
  /** The folder of the installed package. */
  readonly installed: string;
  /** The files of the package, in their tarball. */
  readonly files: readonly string[];
  readonly manifest: Manifest;
  /** The modules that a consumer can import and require, as `@unseal/sealed-results/…`. */
  readonly modules: readonly string[];
}

/** Packs the project and installs the tarball in a fresh folder, which is removed when the test file ends. */
export async function installPacked(): Promise<Consumer> {
  const folder = mkdtempSync(join(tmpdir(), "unseal-consumer-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return await packInto(folder);
}

/** Packs the project and installs the tarball in a project below `folder`. */
export async function packInto(folder: string): Promise<Consumer> {
  const copy = join(folder, "project");
  cpSync(ROOT, copy, { recursive: true, filter: isSource });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"), "dir");
  const packed = JSON.parse(await output("npm", ["pack", "--json", `--pack-destination=${folder}`], copy));
  rmSync(copy, { recursive: true });
  const [{ filename, files }] = packed as [{ filename: string; files: { path: string }[] }];

  const consumer = join(folder, "consumer");
  cpSync(join(folder, filename), join(consumer, filename));
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  await output("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], consumer);
  const installed = join(consumer, "node_modules", PACKAGE_NAME);
  const manifest: Manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  return {
    folder: consumer,
    tarball: join(consumer, filename),
    installed,
    files: files.map(({ path }) => path),
    manifest,
    modules: Object.entries(manifest.exports)
      .filter(([, entry]) => typeof entry === "object" && entry.require !== undefined)
      .map(([subpath]) => PACKAGE_NAME + subpath.slice(1)),
  };
}

const GENERATED: ReadonlySet<string> = new Set([".git", ".build", ".docs", "dist"]);

/** Whether a path is a source: neither generated nor installed. */
function isSource(path: string): boolean {
  return !GENERATED.has(relative(ROOT, path)) && basename(path) !== "node_modules";
}

/** Runs a command and returns its output, or throws an error that describes the failure. */
export async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const ended = await run(command, args, { cwd });
  if (ended.trouble !== undefined) throw new Error(ended.trouble);
  return ended.output;
}
