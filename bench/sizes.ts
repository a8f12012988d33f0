/**
 * Bytes that consumers add to their bundles: one-line consumers, minified by esbuild.
 *
 * Node's own modules are not counted, which favours the SDKs.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { measure } from "../scripts/size.ts";
import { ROOT } from "../tests/runtimes/project.ts";
import { BENCH } from "./bundle.ts";
import type { Contestant } from "./contestant.ts";
import type { BundleSize } from "./report/documents.ts";

/** Measures all our modules, the two parts that are imported most, and the contestants. */
export async function measureSizes(contestants: readonly Contestant[]): Promise<BundleSize[]> {
  const { exports }: { exports: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  const ours = Object.entries(exports).map(([subpath, file]) => [`ours: all of ${subpath}`, "*", join(ROOT, file)]);
  const consumers = [
    ["ours: createUnsealer", "{ createUnsealer }", join(ROOT, exports["."] ?? "")],
    ["ours: inflateRaw", "{ inflateRaw }", join(ROOT, exports["./inflate"] ?? "")],
    ...ours,
    ...contestants.flatMap(({ name, bundle }) => bundle ? [[name, ...bundle]] : []),
  ] as const;
  const sizes: BundleSize[] = [];
  for (const [name = "", imported, specifier] of consumers) {
    const { minifiedBytes, gzipBytes, brotliBytes } = await measure(
      name,
      `export ${imported} from ${JSON.stringify(specifier)};`,
      {
        resolveDir: BENCH,
        mainFields: ["module", "main"],
        conditions: ["import"],
        external: [...builtinModules, "node:*", "cloudflare:*"],
        legalComments: "none",
      },
    );
    sizes.push({ name, minified: minifiedBytes, gzip: gzipBytes, brotli: brotliBytes });
  }
  return sizes;
}
