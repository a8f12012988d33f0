/**
 * A project outside of ours that has the frameworks, the packed package, and the programs of `docs/frameworks.md`.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../runtimes/project.ts";
import { COMPILED_ONLY, FRAMEWORKS } from "./programs.ts";

export const PAGE = "docs/frameworks.md";

/** The files on the page, by path: a fence names its file after the language. */
export function filesOnPage(): ReadonlyMap<string, string> {
  const text = readFileSync(join(ROOT, PAGE), "utf8");
  return new Map([...text.matchAll(/^```(?:ts|jsonc) (\S+)\n([^]*?)^```$/gm)].map(([, path, code]) => [path!, code!]));
}

/** Writes a folder for each program, below a folder in which all packages are installed. Returns that folder. */
export function layOutPrograms(tarball: string): string {
  const folder = mkdtempSync(join(tmpdir(), "unseal-frameworks-"));
  // Hard links: bundlers follow symbolic links out of the project.
  execFileSync("cp", ["-al", join(ROOT, "tests/frameworks/node_modules"), join(folder, "node_modules")]);
  const installed = join(folder, "node_modules/@unseal/sealed-results");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
  write(join(folder, "package.json"), '{ "private": true, "type": "module" }');

  const onPage = filesOnPage();
  for (const { name, files = {} } of FRAMEWORKS) {
    write(join(folder, name, "sealed.ts"), onPage.get("sealed.ts")!); // a test asserts that the page has it
    for (const [path, text] of Object.entries(files)) write(join(folder, name, path), text);
  }
  for (const name of COMPILED_ONLY) write(join(folder, name, "sealed.ts"), onPage.get("sealed.ts")!); // as above
  for (const [path, text] of onPage) if (path.includes("/")) write(join(folder, path), text);
  for (const { name, variantOf, hasOwnPackages } of FRAMEWORKS) {
    if (variantOf !== undefined) cpSync(join(folder, variantOf), join(folder, name), { recursive: true });
    if (hasOwnPackages === undefined) continue;
    const modules = join(ROOT, "tests/frameworks", name, "node_modules");
    if (existsSync(modules)) execFileSync("cp", ["-al", modules, join(folder, name, "node_modules")]);
  }
  return folder;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
