/**
 * Builds the published files: `dist/` for `import`, `dist/cjs/` for `require`, declarations for both, and a folder for
 * each subpath. `node scripts/build.mjs --clean` removes them.
 *
 * No code is published twice: a class is the same object in every entry, as on JSR. What most programs load is in
 * two files, and esbuild puts what else several entries share into chunks. A file for each source would slow down Node's
 * start (`npm run bench` measures cold starts). esbuild splits ES modules only, so the CommonJS files are
 * converted from them, one by one.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, transform } from "esbuild";

/** Subpath to source: `./inflate` to `./src/inflate/mod.ts`. */
const entries = Object.entries(JSON.parse(readFileSync("deno.json", "utf8")).exports);
/** The command is an ES module only: CommonJS has no `import.meta`, by which it finds itself. */
const ESM_ONLY = ["./cli"];

/**
 * The files that most programs load, with their sources: the core, and what the entries around it share. Left to esbuild,
 * each set of entries that shares something would have a file of its own, and a program loads a dozen.
 */
const GROUPS = {
  core: sourcesIn("src", "src/encoding", "src/inflate", "src/event", "src/event/upgrade", "src/unseal"),
  shared: sourcesIn("src/http", "src/replay", "src/open-client-response"),
};

function sourcesIn(...folders) {
  return folders.flatMap((folder) =>
    readdirSync(folder).filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name}`)
  );
}

// npm keeps the modes of files in the tarball. Its bytes must not depend on who builds it.
process.umask(0o022);
for (const file of ["package.json", "README.md", "LICENSE", "SECURITY.md", "CHANGELOG.md"]) chmodSync(file, 0o644);

const folders = entries.filter(([subpath]) => subpath !== ".").map(([subpath]) => subpath.slice("./".length));
for (const folder of ["dist", ...folders]) rmSync(folder, { recursive: true, force: true });
if (!process.argv.includes("--clean")) {
  await buildScripts("dist", entries, "es2022", "esm");
  // webpack 4 and other tools of its time load CommonJS and parse ES2019.
  const inCommonJs = entries.filter(([subpath]) => !ESM_ONLY.includes(subpath));
  await buildScripts("dist/cjs", inCommonJs, "es2019", "cjs");
  writeManifest("dist/cjs", { type: "commonjs", sideEffects: false });
  for (const [subpath, source] of inCommonJs) if (subpath !== ".") writeSubpathFolder(subpath, source);
  for (const [outdir, published] of [["dist", entries], ["dist/cjs", inCommonJs]]) buildDeclarations(outdir, published);
}

async function buildScripts(outdir, published, target, format) {
  const options = {
    bundle: true,
    format: "esm",
    target,
    platform: "neutral",
    external: ["node:*"],
    charset: "utf8",
    write: false,
    metafile: true,
  };
  /** What each group exports. A name that two of its sources export is missing, as `export *` leaves it out. */
  const names = {};
  const files = [];
  for (const [group, sources] of Object.entries(GROUPS)) {
    const contents = sources.map((source) => `export * from "./${source}";`).join("\n");
    const { outputFiles, metafile } = await build({
      ...options,
      stdin: { contents, resolveDir: "." },
      outfile: `${outdir}/${group}.js`,
      plugins: [externalGroups(Object.keys(names), sources)],
    });
    files.push(...outputFiles);
    names[group] = Object.values(metafile.outputs)[0].exports;
  }
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: published.map(([, source]) => source),
    chunkNames: "shared/[hash]",
    outbase: ".",
    outdir,
    splitting: true,
    plugins: [externalGroups(Object.keys(GROUPS))],
  });
  // Without indentation and long names, CommonJS is half as large. ES modules stay readable in stack traces, except the
  // command and the sandbox, which are programs.
  const isProgram = (path) =>
    Object.keys(metafile.outputs[relative(".", path)]?.inputs ?? {}).some((input) =>
      /^src\/(?:cli|testing)\//.test(input)
    );
  const isRead = (path) => format === "esm" && !isProgram(path);
  const converting = { format, target, charset: "utf8", minify: true, keepNames: true };
  for (const { path, text } of [...files, ...outputFiles]) {
    const script = Object.keys(GROUPS).reduce((script, group) => {
      const up = relative(dirname(path), join(outdir, `${group}.js`));
      return withOneImport(script, group, up.startsWith(".") ? up : `./${up}`, names[group]);
    }, text);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, isRead(path) ? script : (await transform(script, converting)).code);
  }
}

/** Replaces imports of the groups' sources by an import of the group. */
function externalGroups(groups, own = []) {
  const resolve = ({ path, resolveDir, kind }) => {
    const source = relative(".", join(resolveDir, path));
    const group = groups.find((group) => GROUPS[group].includes(source));
    if (group === undefined || kind === "entry-point" || own.includes(source)) return undefined;
    return { path: `group:${group}`, external: true };
  };
  return { name: "groups", setup: (bundler) => bundler.onResolve({ filter: /^\.\.?\// }, resolve) };
}

/** Replaces the imports of a group, one for each source, by one import of its file. */
function withOneImport(text, group, file, names) {
  const specifiers = new Set();
  const imports = new RegExp(`^import \\{([^}]*)\\} from "group:${group}";\n`, "gm");
  const rest = text.replaceAll(imports, (_, list) => {
    for (const specifier of list.split(",")) specifiers.add(specifier.trim());
    return "";
  });
  if (specifiers.size === 0) return text;
  const missing = [...specifiers].filter((specifier) => !names.includes(specifier.split(" ")[0]));
  if (missing.length > 0) throw new Error(`The file ${group}.js has no single export ${missing.join()}`);
  const [, start = ""] = /^(#!.*\n)/.exec(rest) ?? [];
  return `${start}import { ${[...specifiers].join(", ")} } from ${JSON.stringify(file)};\n${rest.slice(start.length)}`;
}

/** Writes the declarations that the entries' declarations lead to, and no others. */
function buildDeclarations(outdir, published) {
  const everything = `${outdir}/all`;
  execFileSync("tsc", ["-p", "tsconfig.json", "--emitDeclarationOnly", "--outDir", everything], {
    stdio: "inherit",
    shell: true,
  });
  const reached = new Set(published.map(([, source]) => source.slice("./".length)));
  // Iterating over a set includes the elements that are added meanwhile.
  for (const source of reached) {
    const file = source.replace(/\.ts$/, ".d.ts");
    // The comment on a whole file helps only its readers, and those of the reference at an entry.
    const isEntry = published.some(([, entry]) => entry === `./${source}`);
    const whole = readFileSync(join(everything, file), "utf8");
    const text = isEntry ? whole : whole.replace(/^\/\*\*(?:(?!\*\/)[^])*@module\s*\*\/\s*/, "");
    for (const [, path] of text.matchAll(/\b(?:from|import\()\s*"(\.[^"]+)"/g)) {
      reached.add(join(dirname(source), path));
    }
    mkdirSync(dirname(join(outdir, file)), { recursive: true });
    writeFileSync(join(outdir, file), text);
  }
  rmSync(everything, { recursive: true });
}

/** For resolvers that do not read `exports`: `require("@unseal/sealed-results/inflate")` finds a folder `inflate`. */
function writeSubpathFolder(subpath, source) {
  const folder = subpath.slice("./".length);
  const path = source.slice("./".length, -".ts".length);
  mkdirSync(folder, { recursive: true });
  writeManifest(folder, {
    main: `../dist/cjs/${path}.js`,
    module: `../dist/${path}.js`,
    types: `../dist/cjs/${path}.d.ts`,
    sideEffects: false,
  });
}

function writeManifest(folder, manifest) {
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}
