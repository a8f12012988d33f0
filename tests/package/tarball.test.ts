/** Checks the files that npm and JSR publish. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { publint } from "publint";
import { installedCommand, ROOT } from "../runtimes/project.ts";
import { installPacked, output, PACKAGE_NAME, type Target } from "./packed.ts";

const consumer = await installPacked();
const { files, installed, manifest } = consumer;

const entries = Object.values(manifest.exports).filter((entry) => typeof entry === "object");

/** Declarations and JavaScript of each entry, for `import` and for `require`. */
const targets = entries.flatMap((entry) => [entry.import, entry.require]);
const scripts = targets.map((target) => normalize(target.default));

test("the tarball contains only scripts, maps, declarations, sources and documents", () => {
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => `src/${path.replaceAll("\\", "/")}`).concat("mod.ts").filter((path) => path.endsWith(".ts"));
  const declarations = ["dist", "dist/cjs"].flatMap((folder) =>
    sources.map((source) => `${folder}/${source.slice(0, -".ts".length)}.d.ts`)
  );
  const folders = Object.keys(manifest.exports).filter((subpath) => !/^\.$|\.json$/.test(subpath));
  const manifests = ["package.json", "dist/cjs/package.json"]
    .concat(folders.map((subpath) => normalize(`${subpath}/package.json`)));
  const documents = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md"];
  const maps = scripts.map((script) => `${script}.map`);
  const expected = [...scripts, ...maps, ...declarations, ...sources, ...manifests, ...documents];
  assert.deepEqual([...files].sort(), expected.sort());
});

test("the tarball contains each declaration that an entry's declarations import", () => {
  const reached = new Set(targets.map(({ types }) => normalize(types)));
  // Iterating over a set includes the elements that are added meanwhile.
  for (const file of reached) {
    assert.ok(files.includes(file), file);
    const text = readFileSync(join(installed, file), "utf8");
    for (const [, path] of text.matchAll(/\b(?:from|import\()\s*"(\.[^"]+)\.ts"/g)) {
      reached.add(normalize(join(dirname(file), `${path}.d.ts`)));
    }
  }
  assert.ok(reached.size > targets.length);
});

test("each script has a source map, and the tarball contains its sources", () => {
  for (const script of scripts) {
    assert.match(readFileSync(join(installed, script), "utf8"), /\n\/\/# sourceMappingURL=mod\.js\.map\n$/, script);
    const { sources }: { sources: string[] } = JSON.parse(readFileSync(join(installed, `${script}.map`), "utf8"));
    assert.ok(sources.length > 0, script);
    const missing = sources.map((source) => normalize(join(dirname(script), source)))
      .filter((source) => !files.includes(source));
    assert.deepEqual(missing, [], script);
  }
});

for (const kind of ["import", "require"] as const) {
  test(`a stack trace leads to a source of the tarball after ${kind}`, () => {
    const load = kind === "import" ? `await import("${PACKAGE_NAME}")` : `require("${PACKAGE_NAME}")`;
    const script = `(async () => {
      const { unseal } = ${load};
      const { stack } = await unseal("", "x").catch((error) => error);
      console.log(stack);
    })();`;
    const { stdout } = spawnSync(process.execPath, ["--enable-source-maps", "--input-type=commonjs", "-e", script], {
      cwd: consumer.folder,
      encoding: "utf8",
    });
    const [, source = "", line = "0"] = /\((\S+\/sealed-results\/src\/core\/keyring\.ts):(\d+):\d+\)/.exec(stdout) ??
      [];
    assert.match(readFileSync(source, "utf8").split("\n")[Number(line) - 1] ?? "", /ERR_KEY|keyError|Error\(/, stdout);
  });
}

test("the package has no dependency and runs no script when it is installed", () => {
  const kinds = ["dependencies", "peerDependencies", "optionalDependencies", "bundleDependencies"];
  assert.deepEqual(kinds.filter((kind) => kind in manifest), []);
  const hooks = ["preinstall", "install", "postinstall", "prepare"];
  assert.deepEqual(hooks.filter((hook) => hook in (manifest.scripts ?? {})), []);
  const scopes = readdirSync(join(consumer.folder, "node_modules")).filter((name) => !name.startsWith("."));
  assert.deepEqual(scopes, ["@unseal"]);
});

test("package.json and deno.json agree on name, version, license and modules", () => {
  const deno = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  for (const field of ["name", "version", "license"]) assert.equal(manifest[field], deno[field], field);
  const expected = Object.entries(deno.exports as Record<string, string>).map(([subpath, source]) => {
    const path = source.slice("./".length, -".ts".length);
    const target = (folder: string): Target => ({ types: `${folder}/${path}.d.ts`, default: `${folder}/${path}.js` });
    return [subpath, { import: target("./dist"), require: target("./dist/cjs") }];
  });
  assert.deepEqual(manifest.exports, { ...Object.fromEntries(expected), "./package.json": "./package.json" });
  const folders = Object.keys(deno.exports).filter((subpath) => subpath !== ".").map((subpath) => subpath.slice(2));
  const listed = manifest.files.filter((file) => !/^(?:dist|src)$|\.\w+$/.test(file));
  assert.deepEqual(listed, folders, "`files` lists the folder of each subpath");
});

test("CHANGELOG.md has an entry for this version", () => {
  const changelog = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
  assert.ok(changelog.split("\n").some((line) => line.startsWith(`## ${manifest.version}`)));
});

test("published scripts import no module, except that those for Node import Node's", async () => {
  const { metafile } = await build({
    entryPoints: scripts.map((file) => join(installed, file)),
    absWorkingDir: installed,
    outdir: "unwritten",
    bundle: true,
    write: false,
    metafile: true,
    platform: "neutral",
    packages: "external",
    logLevel: "silent",
  });
  const imports = Object.entries(metafile.inputs)
    .flatMap(([file, { imports }]) => imports.map(({ path }) => ({ file, path })));
  const foreign = imports.filter(({ file, path }) =>
    !/\/src\/(?:cli|node-\w+)\//.test(file) || !path.startsWith("node:")
  );
  assert.deepEqual(foreign, []);
});

test("publint, in strict mode, reports no problem", async () => {
  const { messages } = await publint({
    pkgDir: installed,
    strict: true,
    pack: false,
  });
  assert.deepEqual(messages, []);
});

test("attw finds types for every module and every module resolution", async () => {
  const attw = installedCommand("attw");
  assert.ok(attw !== undefined, "attw is not installed: npm ci");
  await output(attw, [consumer.tarball], ROOT);
});
