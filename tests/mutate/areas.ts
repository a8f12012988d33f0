/**
 * The areas of `npm run mutate`: the sources whose mutants are run, and the tests that must kill them.
 *
 * @module
 */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runtimes/project.ts";

export interface Area {
  /** Files or folders of `src/`. */
  readonly sources: readonly string[];
  /** Files or folders of `tests/`. */
  readonly tests: readonly string[];
}

export const AREAS: Readonly<Record<string, Area>> = {
  webhook: { sources: ["src/webhook"], tests: ["tests/webhook"] },
  verify: { sources: ["src/verify"], tests: ["tests/verify", "tests/handler"] },
  replay: {
    // The other stores need an engine: tests/stores and tests/services.
    sources: ["claims", "errors", "guard", "marker", "stores/memory"].map((name) => `src/replay/${name}.ts`),
    tests: ["tests/replay"],
  },
  core: { sources: ["src/unseal", "src/encoding"], tests: ["tests/unseal", "tests/encoding"] },
  inflate: { sources: ["src/inflate"], tests: ["tests/inflate"] },
  http: { sources: ["src/http"], tests: ["tests/http", "tests/handler", "tests/proxy"] },
  handler: { sources: ["src/handler"], tests: ["tests/handler"] },
  proxy: { sources: ["src/proxy"], tests: ["tests/proxy"] },
};

/** The file, or the TypeScript files of the folder. */
export function filesOf(path: string): string[] {
  return statSync(join(ROOT, path)).isFile()
    ? [path]
    : readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).sort()
      .map((name) => `${path}/${name}`);
}
