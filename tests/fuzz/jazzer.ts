/**
 * Runs Jazzer.js, which drives libFuzzer with the coverage of the compiled sources in `.build/src/`.
 *
 * Its add-on wants glibc 2.38 and GCC 13's libstdc++, of which it uses three functions. On an older Debian, `shim.c`
 * stands in for them, and the add-on's two version requirements are marked as weak, so that the linker ignores them.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runtimes/project.ts";

const JAZZER = join(ROOT, "tests/fuzz/node_modules/@jazzer.js");
const ADDON = join(JAZZER, `fuzzer/prebuilds/fuzzer-${process.platform}-${process.arch}.node`);

/** Where all of a run's files are. */
export const OUTPUT: string = join(ROOT, ".build/fuzz");

/** ELF hashes of the version names `GLIBC_2.38` and `GLIBCXX_3.4.32`. */
const NEWER_VERSIONS: readonly number[] = [0x069691b8, 0x0297f842];
const VER_FLG_WEAK = 2;

/** The variables with which the add-on can be loaded here. */
export function environment(): Readonly<Record<string, string>> {
  if (!existsSync(JAZZER)) throw new Error("Jazzer.js is missing: npm ci --prefix tests/fuzz");
  if (canLoad({})) return {};
  mkdirSync(OUTPUT, { recursive: true });
  const shim = join(OUTPUT, "shim.so");
  const { status } = spawnSync("cc", ["-shared", "-fPIC", "-o", shim, join(ROOT, "tests/fuzz/shim.c")]);
  if (status !== 0) throw new Error("No C compiler: apt-get install gcc libc6-dev");
  const addon = readFileSync(ADDON);
  for (const hash of NEWER_VERSIONS) {
    const place = addon.indexOf(new Uint8Array(Uint32Array.of(hash).buffer));
    if (place >= 0) addon[place + 4] = VER_FLG_WEAK;
  }
  writeFileSync(ADDON, addon);
  if (!canLoad({ LD_PRELOAD: shim })) throw new Error("Jazzer.js cannot be loaded here");
  return { LD_PRELOAD: shim };
}

function canLoad(variables: Readonly<Record<string, string>>): boolean {
  const env = { ...process.env, ...variables, LD_BIND_NOW: "1" };
  return spawnSync(process.execPath, ["-e", `require(${JSON.stringify(ADDON)})`], { env }).status === 0;
}

/** How a run ended. */
export interface Run {
  readonly status: number | null;
  /** What Jazzer.js and libFuzzer have reported. */
  readonly log: string;
}

/**
 * Runs a target on folders of inputs; libFuzzer writes what it finds to the first. The target runs on the event loop,
 * although it may be synchronous: without a turn of the loop, Node frees nothing that native code has allocated.
 */
export async function jazzer(
  target: string,
  folders: readonly string[],
  env: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<Run> {
  const child = spawn(process.execPath, [
    "--stack-trace-limit=0",
    join(JAZZER, "core/dist/cli.js"),
    join(ROOT, `.build/tests/fuzz/targets/${target}.js`),
    ...folders,
    "--includes=.build/src/",
    "--disableBugDetectors=.*",
    "--timeout=20000",
    "--",
    ...options,
  ], { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (log += text));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, log };
}
