/**
 * What consumers pay in bytes: bundles of one line each, minified by esbuild.
 *
 * Node's own modules are not in them, which is in favour of the SDKs.
 *
 * @module
 */

import { build, version as esbuildVersion } from "esbuild";
import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { ROOT } from "../tests/runtimes/project.ts";
import { BENCH } from "./bundle.ts";
import { contestantVersions } from "./machine.ts";
import type { BundleSize, SizesDocument } from "./results.ts";

/** A consumer of a part of our own, by the name it has in the tables. */
const OURS: readonly [name: string, imported: string, subpath: string][] = [
  ["ours: createUnsealer", "{ createUnsealer }", "."],
  ["ours: inflateRaw", "{ inflateRaw }", "./inflate"],
];

const OTHERS: readonly [name: string, imported: string, specifier: string][] = [
  [
    "SDK 6: unsealEventsResponse",
    "{ unsealEventsResponse }",
    "@fingerprintjs/fingerprintjs-pro-server-api",
  ],
  [
    "SDK 7: unsealEventsResponse",
    "{ unsealEventsResponse }",
    "@fingerprint/node-sdk",
  ],
  ["fflate: inflateSync", "{ inflateSync }", "fflate"],
  ["pako: inflateRaw", "{ inflateRaw }", "pako"],
  ["tiny-inflate", "{ default }", "tiny-inflate"],
  ["noble: gcm", "{ gcm }", "@noble/ciphers/aes.js"],
];

/** Measures our own parts, all of our subpaths and the contestants. */
export async function measureSizes(): Promise<SizesDocument> {
  const subpaths = ourSubpaths();
  const sizes: BundleSize[] = [];
  for (const [name, imported, subpath] of OURS) {
    const source = subpaths.get(subpath);
    if (source !== undefined) {
      sizes.push(
        await sizeOf(
          name,
          imported,
          source,
          `@unseal/sealed-results${subpath.slice(1)}`,
        ),
      );
    }
  }
  for (const [subpath, source] of subpaths) {
    sizes.push(
      await sizeOf(
        `ours: all of ${subpath}`,
        "*",
        source,
        `@unseal/sealed-results${subpath.slice(1)}`,
      ),
    );
  }
  for (const [name, imported, specifier] of OTHERS) {
    sizes.push(await sizeOf(name, imported, specifier, specifier));
  }
  return {
    date: new Date().toISOString(),
    esbuild: esbuildVersion,
    contestants: contestantVersions(),
    sizes,
  };
}

/** The sources of our exports; those that are not written yet are left out. */
function ourSubpaths(): Map<string, string> {
  const { exports }: { exports: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, "deno.json"), "utf8"),
  );
  return new Map(
    Object.entries(exports).map(([subpath, file]) => [subpath, join(ROOT, file)] as const)
      .filter(([, file]) => existsSync(file)),
  );
}

async function sizeOf(
  name: string,
  imported: string,
  from: string,
  shownAs: string,
): Promise<BundleSize> {
  const { outputFiles: [output] } = await build({
    stdin: {
      contents: `export ${imported} from ${JSON.stringify(from)};`,
      resolveDir: BENCH,
      loader: "js",
    },
    bundle: true,
    minify: true,
    write: false,
    platform: "neutral",
    target: "es2022",
    format: "esm",
    mainFields: ["module", "main"],
    conditions: ["import"],
    external: [...builtinModules, "node:*", "cloudflare:*"],
    legalComments: "none",
    logLevel: "silent",
  });
  if (output === undefined) throw new Error("esbuild made no output");
  const { contents } = output;
  return {
    name,
    consumer: `export ${imported} from "${shownAs}";`,
    minified: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    brotli: brotliCompressSync(contents, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11 },
    }).length,
  };
}
