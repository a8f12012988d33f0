/** The sources import in one direction: no file and no folder depends on itself, and none on a folder above it. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { ROOT } from "../runtimes/project.ts";

/** The folders below the entries, each with what it may import: itself and those before it. */
const LAYERS: readonly string[] = ["src", "src/encoding", "src/inflate", "src/event", "src/unseal", "src/http"];

/** Files of `src` that belong to a layer above it, because they describe its types. */
const LAYER_OF: Readonly<Record<string, string>> = { "src/details.ts": "src/unseal" };

/** Each source with the sources that it imports, also those of which it imports only types. */
const imports: ReadonlyMap<string, readonly string[]> = new Map(
  readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => `src/${path.replaceAll("\\", "/")}`).filter((path) => path.endsWith(".ts")).concat("mod.ts")
    .map((file) => {
      const text = readFileSync(join(ROOT, file), "utf8").replace(/\/\*\*[^]*?\*\//g, ""); // without examples
      const paths = [...text.matchAll(/^(?:import|export|\}) [^;]*?from "(\.[^"]+)"/gm)].map(([, path = ""]) => path);
      return [file, paths.map((path) => relative(ROOT, join(ROOT, dirname(file), path)))];
    }),
);

/** `src/event` for `src/event/upgrade/fields.ts`, and `src` for a file directly in it. */
function folderOf(file: string): string {
  return LAYER_OF[file] ?? file.split("/").slice(0, -1).slice(0, 2).join("/");
}

/** A path that leads back to its beginning; `undefined` when there is none. */
function findCircle(edges: ReadonlyMap<string, Iterable<string>>): string[] | undefined {
  const finished = new Set<string>();
  function visit(node: string, path: readonly string[]): string[] | undefined {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (finished.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const circle = visit(next, [...path, node]);
      if (circle !== undefined) return circle;
    }
    finished.add(node);
    return undefined;
  }
  for (const node of edges.keys()) {
    const circle = visit(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

test("the sources are found with their imports", () => {
  assert.ok(imports.size > 100);
  assert.ok(imports.get("src/unseal/unseal.ts")?.includes("src/unseal/pipeline.ts"));
  for (const [file, imported] of imports) for (const path of imported) assert.ok(imports.has(path), `${file}: ${path}`);
  assert.deepEqual(findCircle(new Map([["a", ["b"]], ["b", ["c", "d"]], ["d", ["b"]]])), ["b", "d", "b"]);
});

test("no source imports itself, through others or through types", () => {
  assert.equal(findCircle(imports)?.join(" → "), undefined);
});

test("no folder imports itself through others", () => {
  const folders = new Map<string, Set<string>>();
  for (const [file, imported] of imports) {
    const folder = folderOf(file);
    const others = imported.map(folderOf).filter((other) => other !== folder);
    folders.set(folder, new Set([...folders.get(folder) ?? [], ...others]));
  }
  assert.equal(findCircle(folders)?.join(" → "), undefined);
});

test("no layer imports a layer above it", () => {
  const heightOf = (file: string) => LAYERS.indexOf(folderOf(file)) + 1 || Infinity; // the entries are above all layers
  const upwards = [...imports].flatMap(([file, imported]) =>
    imported.filter((other) => heightOf(other) > heightOf(file)).map((other) => `${file} → ${other}`)
  );
  assert.deepEqual(upwards, []);
});
