/**
 * The registry of programs: every runtime, browser and engine that the suite, the examples and the benchmark start,
 * with its place and the command that installs it.
 *
 * A Node release is added in `tests/runtimes/package.json`, any other program here; Debian's package names are in
 * `scripts/debian-packages.json`.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Absence } from "../support/absence.ts";
import { installedCommand, ROOT } from "./project.ts";
import { findCommand, versionOf } from "./run.ts";

export type ProgramKind = "node" | "deno" | "bun" | "workerd" | "browser" | "engine";

export interface Program<Name extends string = string> {
  readonly name: Name;
  readonly kind: ProgramKind;
  /** The path of the executable; `undefined` when the program is missing. */
  readonly path: string | undefined;
  /** The command that installs it. */
  readonly install: string;
}

const FINDERS = {
  node: ["node", () => findCommand("node") ?? process.execPath],
  deno: ["deno", () => installedCommand("deno")],
  bun: ["bun", () => installedCommand("bun")],
  workerd: ["workerd", () => installedCommand("workerd")],
  chromium: ["browser", () => findCommand(process.env["CHROMIUM"], "chromium", "google-chrome")],
  firefox: ["browser", () => findCommand(process.env["FIREFOX"], "firefox-esr", "firefox")],
  webkit: ["browser", findWebkit],
  redis: ["engine", () => findCommand("redis-cli") && findCommand("redis-server")],
  postgres: ["engine", () => findCommand("postgres", ...debianPostgres())],
  mariadb: ["engine", () => findCommand("mariadb-install-db") && findCommand("mariadbd", "/usr/sbin/mariadbd")],
  nginx: ["engine", () => findCommand("nginx", "/usr/sbin/nginx")],
} satisfies Record<string, readonly [ProgramKind, () => string | undefined]>;

/** Options to run Chromium as root, without a display, background requests or first-run dialogs. */
export const CHROMIUM_FLAGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export type ProgramName = keyof typeof FINDERS;

/** A program by its name; `node` is the machine's own. */
export function program<Name extends ProgramName>(name: Name): Program<Name> {
  const [kind, find] = FINDERS[name];
  return { name, kind, path: find(), install: installCommand(name) };
}

/** The engines that the tests of services and stores start. */
export function listEngines(): Program[] {
  const names = Object.keys(FINDERS) as ProgramName[]; // the keys of a constant
  return names.map(program).filter(({ kind }) => kind === "engine");
}

/** The machine's own Node as `node<major>`, then the releases of `tests/runtimes/package.json`. */
export function listNodes(): Program[] {
  const folder = join(ROOT, "tests/runtimes");
  const { optionalDependencies }: { optionalDependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const machine = program("node");
  const machineName = `node${versionOf(machine.path ?? "node").split(".")[0]}`;
  const releases = Object.keys(optionalDependencies).filter((name) => name !== machineName).map((name): Program => {
    const path = join(folder, "node_modules", name, "bin/node");
    const install = "npm ci --prefix tests/runtimes";
    return { name, kind: "node", path: existsSync(path) ? path : undefined, install };
  });
  return [{ ...machine, name: machineName }, ...releases];
}

/** The runtimes that start a script from a command line. */
export function listRuntimes(): Program[] {
  return [...listNodes(), program("deno"), program("bun"), program("workerd")];
}

/** Describes a program that is missing; `undefined` when it is installed. */
export function absenceOf({ name, path, install }: Pick<Program, "name" | "path" | "install">): Absence | undefined {
  return path === undefined ? { reason: `${name} is not installed: ${install}`, isRequired: true } : undefined;
}

function installCommand(name: ProgramName): string {
  const packages: Record<string, readonly string[]> = JSON.parse(
    readFileSync(join(ROOT, "scripts/debian-packages.json"), "utf8"),
  );
  const names = packages[name];
  return names === undefined ? "npm ci" : `apt-get install ${names.join(" ")}`;
}

/** MiniBrowser needs a display, which xvfb provides. */
function findWebkit(): string | undefined {
  const folder = "/usr/lib/x86_64-linux-gnu";
  const browsers = ["4.1", "4.0"].map((version) => `${folder}/webkit2gtk-${version}/MiniBrowser`);
  return findCommand("xvfb-run") && findCommand(process.env["WEBKIT"], ...browsers);
}

/** Debian's PostgreSQL servers are not on `PATH`; each version has a folder. The newest comes first. */
function debianPostgres(): string[] {
  const folder = "/usr/lib/postgresql";
  if (!existsSync(folder)) return [];
  return readdirSync(folder).sort((one, other) => Number(other) - Number(one))
    .map((version) => join(folder, version, "bin/postgres"));
}
