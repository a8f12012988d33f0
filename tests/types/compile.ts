/**
 * Compiles a consumer's project, in which only the packed package is installed.
 *
 * @module
 */

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Consumer, installPacked } from "../package/packed.ts";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";
import type { Absence } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";

export const consumer: Consumer = await installPacked();

const NESTED = join(ROOT, "tests/types/node_modules");
export const COMPILERS: Readonly<Record<string, string>> = {
  "TypeScript 5.4": join(NESTED, "typescript54/bin/tsc"),
  "TypeScript 5.9": join(NESTED, "typescript59/bin/tsc"),
  "TypeScript 6.0": join(NESTED, "typescript60/bin/tsc"),
  "TypeScript 7.0": join(ROOT, "node_modules/typescript/bin/tsc"),
};

export interface Environment {
  readonly lib: readonly string[];
  /** The folder that contains `@types/node`. */
  readonly nodeTypes?: string;
  readonly consumers: readonly string[];
  readonly skipLibCheck?: boolean;
}

export const ES: readonly string[] = ["ES2022"];
export const DOM: readonly string[] = [...ES, "DOM", "DOM.Iterable", "DOM.AsyncIterable"];
export const NODE_20: string = join(NESTED, "@types");
export const NODE_24: string = join(ROOT, "node_modules/@types");

/** Compiler options that change the meaning of declarations. */
export const MODES = {
  "nodenext, exact": { module: "nodenext", moduleResolution: "nodenext", exactOptionalPropertyTypes: true },
  "bundler, inexact": { module: "esnext", moduleResolution: "bundler", exactOptionalPropertyTypes: false },
} as const;
export type Mode = keyof typeof MODES;

/** Describes the older compilers and declarations when they are not installed, and one of these files is among them. */
export function absence(...files: readonly (string | undefined)[]): Absence | undefined {
  return files.some((file) => file?.startsWith(NESTED)) ? absenceOfPackages("tests/types") : undefined;
}

/** Links a library of the project into the consumer's project. */
export function link(library: string, modules = "node_modules"): void {
  const path = join(consumer.folder, "node_modules", library);
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(ROOT, modules, library), path, "dir");
}

let programs = 0;

/** Compiles a consumer's project, and returns its diagnostics, one per line. */
export async function compile(
  compiler: string,
  { lib, nodeTypes, skipLibCheck = false }: Environment,
  mode: Mode,
  sources: Readonly<Record<string, string>>,
): Promise<string[]> {
  const folder = join(consumer.folder, `program-${programs++}`);
  mkdirSync(folder);
  for (const [file, source] of Object.entries(sources)) writeFileSync(join(folder, file), source);
  const compilerOptions = {
    ...MODES[mode],
    target: "es2022",
    lib,
    types: nodeTypes === undefined ? [] : ["node"],
    typeRoots: [nodeTypes ?? join(folder, "no-types")],
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck,
    noEmit: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(sources) }));
  const ended = await run(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { cwd: folder });
  const diagnostics = ended.output.split("\n").filter((line) => /error TS\d+/.test(line));
  // If a compiler fails without a diagnostic, it has not checked the project.
  if (ended.trouble !== undefined && diagnostics.length === 0) throw new Error(ended.trouble);
  return diagnostics;
}
