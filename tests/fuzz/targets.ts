/**
 * The targets of `npm run fuzz`, and the inputs that are kept for each.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runtimes/project.ts";

/** What is fuzzed: a file of `targets/`. */
export interface Target {
  /** Inputs to start from. */
  readonly seeds: readonly Uint8Array[];
  /** Throws, or rejects, when the code does with `data` what it must not do. */
  readonly fuzz: (data: Uint8Array) => void | Promise<void>;
}

/** All targets, by name. */
export const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
  inflate: () => import("./targets/inflate.ts"),
  base64: () => import("./targets/base64.ts"),
  address: () => import("./targets/address.ts"),
  records: () => import("./targets/records.ts"),
  unseal: () => import("./targets/unseal.ts"),
  request: () => import("./targets/request.ts"),
  codings: () => import("./targets/codings.ts"),
  webhook: () => import("./targets/webhook.ts"),
};

const corpusFile = (name: string) => join(ROOT, "tests/fuzz/corpus", `${name}.txt`);

/** The inputs of earlier runs that together cover what those runs covered: a file with one line of base64 for each. */
export function readCorpus(name: string): Uint8Array[] {
  const file = corpusFile(name);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").slice(0, -1).map((line) => Buffer.from(line, "base64"));
}

/** Replaces the inputs that are kept. */
export function writeCorpus(name: string, inputs: readonly Uint8Array[]): void {
  const lines = inputs.map((input) => Buffer.from(input).toString("base64"));
  lines.sort((one, other) => one.length - other.length || (one < other ? -1 : 1));
  writeFileSync(corpusFile(name), lines.map((line) => `${line}\n`).join(""));
}
