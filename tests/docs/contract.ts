/**
 * The public contract: every exported symbol with its type, as `deno doc --json` reports it, without locations and
 * prose.
 *
 * `npm run contract` writes it to `tests/docs/contract.json`. A test compares it, so that the API does not change by
 * accident.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installedCommand, ROOT } from "../runtimes/project.ts";

/** Where the contract is committed. */
export const CONTRACT: string = join(ROOT, "tests/docs/contract.json");

interface Documentation {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly Symbol[] }>>;
}

interface Symbol {
  readonly name: string;
  readonly declarations: readonly Record<string, unknown>[];
}

/** Properties with locations and prose, and redundant ones. */
const LEFT_OUT: ReadonlySet<string> = new Set(["location", "jsDoc", "resolution", "repr", "declarationKind"]);

/** The contract: a line for each member of each symbol of each module, so that changes have readable diffs. */
export function readContract(): string {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")) as { exports: Record<string, string> };
  const modules = Object.entries(exports).map(([subpath, file]) => {
    const symbols = symbolsOf(file).map(({ name, declarations }) =>
      `  ${JSON.stringify(name)}: [\n${
        declarations.map((declaration) => `   ${lines(stripped(declaration))}`).join(",\n")
      }\n  ]`
    );
    return ` ${JSON.stringify(subpath)}: {\n${symbols.join(",\n")}\n }`;
  });
  return `{\n${modules.join(",\n")}\n}\n`;
}

/** The symbols that a module exports, by name. Its own private ones are left out. */
function symbolsOf(file: string): Symbol[] {
  const deno = installedCommand("deno");
  if (deno === undefined) throw new Error("deno is not installed: npm ci");
  const json = execFileSync(deno, ["doc", "--json", file], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return Object.values((JSON.parse(json) as Documentation).nodes).flatMap(({ symbols }) => symbols)
    .map(({ name, declarations }) => ({
      name,
      declarations: declarations.filter(({ declarationKind }) => declarationKind === "export"),
    }))
    .filter(({ declarations }) => declarations.length > 0)
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** A value without {@linkcode LEFT_OUT}, and without properties that are empty or `false`. */
function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name, property]) =>
    !LEFT_OUT.has(name) && property !== null && property !== false &&
    !(Array.isArray(property) && property.length === 0)
  );
  return Object.fromEntries(kept.map(([name, property]) => [name, stripped(property)]));
}

/** A declaration as JSON, with a line for each of its members. */
function lines(declaration: unknown): string {
  const { def, ...rest } = declaration as { def?: Record<string, unknown> };
  if (def === undefined) return JSON.stringify(rest);
  const entries = Object.entries(def).map(([name, value]) => {
    if (!Array.isArray(value)) return `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
    return `${JSON.stringify(name)}: [\n${value.map((member) => `     ${JSON.stringify(member)}`).join(",\n")}\n    ]`;
  });
  return `{ ${
    Object.entries(rest).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(", ")
  }, "def": {\n    ${entries.join(",\n    ")}\n   } }`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(CONTRACT, readContract());
