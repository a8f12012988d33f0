/**
 * Bundles programs for njs, nginx's own JavaScript engine: ES5 with parts of ES6, one file with one default export.
 *
 * esbuild bundles, swc lowers the syntax, and stand-ins provide the few functions of later standards that the library
 * uses and njs 0.7.9 lacks.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/wasm";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "..");

/** The stand-ins. Each is used only if the engine lacks the function. */
const STAND_INS = `
if (!Object.hasOwn) Object.hasOwn = function (object, name) {
  return Object.prototype.hasOwnProperty.call(object, name);
};
if (!Array.from) Array.from = function (source, map) {
  var array = [];
  for (var index = 0; index < source.length; index++) array.push(map ? map(source[index], index) : source[index]);
  return array;
};
if (!globalThis.Set) globalThis.Set = function (values) {
  var members = (values || []).filter(function (value, index, all) { return all.indexOf(value) === index; });
  this.size = members.length;
  this.has = function (value) { return members.indexOf(value) !== -1; };
};
// For classes that extend Error, whose instances would otherwise be plain errors.
if (!globalThis.Reflect) globalThis.Reflect = {
  construct: function (target, parameters, newTarget) {
    return Object.setPrototypeOf(new target(parameters[0], parameters[1]), newTarget.prototype);
  },
};
if (!globalThis.BigInt) globalThis.BigInt = Number;
if (!DataView.prototype.setBigUint64) DataView.prototype.setBigUint64 = function (offset, value, littleEndian) {
  this.setUint32(littleEndian ? offset + 4 : offset, Math.floor(value / 4294967296), littleEndian);
  this.setUint32(littleEndian ? offset : offset + 4, value % 4294967296, littleEndian);
};
`;

/** Bundles a module whose default export has the functions that nginx calls. */
export async function bundleForNjs(entry: string): Promise<string> {
  const { outputFiles: [output] } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bundle",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import"],
    alias: packageModules(),
    nodePaths: [join(ROOT, "bench/node_modules")],
    logLevel: "silent",
  });
  if (output === undefined) throw new Error("esbuild made no output");
  const { code } = transformSync(output.text, {
    isModule: false,
    jsc: { target: "es5", parser: { syntax: "ecmascript" } },
  });
  return `${STAND_INS}${code}\nexport default bundle.default;\n`;
}

/** The package's modules by their names, from the sources. */
function packageModules(): Record<string, string> {
  const manifest = readFileSync(join(ROOT, "deno.json"), "utf8");
  const { name, exports } = JSON.parse(manifest) as { name: string; exports: Record<string, string> };
  return Object.fromEntries(Object.entries(exports).map(([path, file]) => [join(name, path), join(ROOT, file)]));
}
