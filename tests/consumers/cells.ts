/**
 * The matrix of consumers: the ways in which a project loads, bundles, tests or compiles the packed package.
 *
 * The packages of each tool are in a folder next to this file. The consumer's program runs in a folder outside of the
 * project, where only the tarball is installed.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { listRuntimes, type Program } from "../runtimes/programs.ts";
import { ROOT } from "../runtimes/project.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { workerdConfiguration } from "../support/workerd.ts";
import { commonJsProgram, moduleProgram, programTest, refusalTest } from "./programs.ts";

export interface Cell {
  /** The tool, with its version. */
  readonly tool: string;
  /** How it loads the package. */
  readonly how: string;
  /** The folder next to this file that has the tool's packages, for tools that need packages. */
  readonly packages?: string;
  /** A file or program that must exist, with the command that installs it. */
  readonly needs: Pick<Program, "name" | "path" | "install">;
  /** The files of the consumer's project, besides those in `packages`. */
  readonly files: Readonly<Record<string, string>>;
  /** Shell commands, with the tool and Node 24 on `PATH`. */
  readonly command: string;
  /** Text that the commands must print. By default they must only exit with code 0. */
  readonly prints?: string;
}

/** The cells for a package with these modules, such as `@unseal/sealed-results/inflate`. */
export function listCells(modules: readonly string[]): Cell[] {
  const printed = `opened 1703067132750.Z5hutJ, inflated hello, imported ${modules.length}`;
  const esm = { "main.mjs": moduleProgram(modules), "package.json": "{}" };
  const cjs = { "main.cjs": commonJsProgram(modules), "package.json": "{}" };
  const ts = { "main.ts": moduleProgram(modules) };
  return [
    ...runtimeCells(),
    ...nodeCells(),
    ...bundlerCells(),
    ...runnerCells(),
    ...compilerCells(),
    ...managerCells(),
  ];

  function runtimeCells(): Cell[] {
    return listRuntimes().flatMap((runtime): Cell[] => {
      const { name, kind, path = "" } = runtime;
      const cell = { tool: name, needs: runtime, prints: printed };
      if (kind === "deno") {
        return [{ ...cell, how: "import", files: esm, command: `${path} run --node-modules-dir=manual main.mjs` }];
      }
      if (kind === "workerd") return [workerdCell(runtime)];
      return [
        { ...cell, how: "import", files: esm, command: `${path} main.mjs` },
        { ...cell, how: "require", files: cjs, command: `${path} main.cjs` },
      ];
    });
  }

  function workerdCell(workerd: Program): Cell {
    const portable = modules.filter((name) => !/\/(?:cli|node-\w+)$/.test(name));
    const bundle = "esbuild worker.mjs --bundle --format=esm --conditions=workerd,worker,browser --outfile=worker.js";
    return {
      tool: "workerd",
      how: "bundled by esbuild",
      packages: "esbuild",
      needs: workerd,
      files: {
        "worker.mjs": `${moduleProgram(portable, "worker")}\n`,
        "worker.capnp": workerdConfiguration("worker.js"),
      },
      command: `${bundle} --log-level=error && ${workerd.path} test worker.capnp`,
      prints: printed.replace(/\d+$/, String(portable.length)),
    };
  }

  /** Node releases that cannot `require` an ES module. */
  function nodeCells(): Cell[] {
    return ["20.11", "20.18", "22.0", "22.11"].flatMap((release) => {
      const name = `node${release}`;
      const path = join(ROOT, "tests/consumers/nodes/node_modules", name, "bin/node");
      const needs = {
        name,
        path: existsSync(path) ? path : undefined,
        install: "npm ci --prefix tests/consumers/nodes",
      };
      const cell = { tool: name, needs, prints: printed };
      return [
        { ...cell, how: "import", files: esm, command: `${path} main.mjs` },
        { ...cell, how: "require", files: cjs, command: `${path} main.cjs` },
      ];
    });
  }

  /** Package managers whose projects are not laid out as npm's. They install the tarball without a network. */
  function managerCells(): Cell[] {
    const files = {
      "main.cjs": commonJsProgram(modules),
      "main.mjs": moduleProgram(modules),
      "lines.txt": SAMPLE_SEALED,
      ".yarnrc.yml": [
        "nodeLinker: pnp",
        "enableGlobalCache: false",
        "enableImmutableInstalls: false",
        "enableNetwork: false",
        "enableTelemetry: false",
      ].join("\n"),
    };
    // A folder of their own: they would remove the `node_modules` that contains the manager.
    const project = "mkdir project && mv main.* lines.txt .yarnrc.yml project && cd project && echo {} > package.json";
    const tarball = `"$(echo ../../*.tgz)"`;
    const batch = `UNSEAL_KEYS=${SAMPLE_KEY} "$@" unseal batch lines.txt -o events.ndjson && cat events.ndjson`;
    return [
      {
        ...installed("yarn", "@yarnpkg/cli-dist"),
        how: "Plug'n'Play",
        files,
        command: `${project} && touch yarn.lock && yarn add @unseal/sealed-results@file:${tarball} && ` +
          `yarn node main.cjs && yarn node main.mjs && set -- yarn && ${batch}`,
        prints: printed,
      },
      {
        ...installed("pnpm"),
        how: "its defaults",
        files,
        command: `${project} && pnpm add --offline --store-dir store ${tarball} && ` +
          `node main.cjs && node main.mjs && set -- pnpm exec && ${batch}`,
        prints: printed,
      },
    ];
  }

  function bundlerCells(): Cell[] {
    const webpack = "webpack --mode production --target node -o out --entry";
    const esbuild = "esbuild --bundle --platform=node --log-level=error --outfile=out/main.js";
    return [
      { ...installed("webpack"), how: "import", files: esm, command: `${webpack} ./main.mjs && node out/main.js` },
      { ...installed("webpack"), how: "require", files: cjs, command: `${webpack} ./main.cjs && node out/main.js` },
      {
        ...installed("parcel"),
        how: "import, without exports",
        files: { "main.mjs": moduleProgram(modules) },
        command: "parcel build main.mjs --no-cache --no-source-maps && node out/main.js",
      },
      {
        ...installed("rollup"),
        how: "import",
        files: esm,
        command: "rollup main.mjs --silent -p node-resolve -f es -o out/main.mjs && node out/main.mjs",
      },
      {
        ...installed("vite"),
        how: "import",
        files: { "main.mjs": moduleProgram(modules) },
        command: "vite build --ssr main.mjs --outDir out && node out/main.*js",
      },
      { ...installed("esbuild"), how: "import", files: esm, command: `${esbuild} main.mjs && node out/main.js` },
      { ...installed("esbuild"), how: "require", files: cjs, command: `${esbuild} main.cjs && node out/main.js` },
      {
        ...installed("tsup"),
        how: "import, to CommonJS and ESM",
        files: ts,
        command:
          "tsup main.ts --no-config --silent --format cjs,esm --out-dir out && node out/main.js && node out/main.mjs",
      },
      {
        ...installed("ncc", "@vercel/ncc"),
        how: "require",
        files: cjs,
        command: "ncc build main.cjs -q -o out && node out/index.*js",
      },
    ].map((cell) => ({ ...cell, prints: printed }));
  }

  function runnerCells(): Cell[] {
    const vitest = installed("vitest");
    const jest = installed("jest");
    return [
      {
        ...installed("ts-node"),
        how: "moduleResolution node10",
        files: ts,
        command: "ts-node main.ts",
        prints: printed,
      },
      {
        ...jest,
        how: "its defaults",
        files: { "main.test.js": programTest(modules, "require") },
        command: "jest --ci",
      },
      {
        ...jest,
        how: "jsdom, refused with advice",
        files: { "main.test.js": refusalTest(modules, "require") },
        command: "jest --ci --env jsdom",
      },
      {
        ...jest,
        how: "jsdom, with @jest-environment node",
        files: { "main.test.js": `/** @jest-environment node */\n${programTest(modules, "require")}` },
        command: "jest --ci --env jsdom",
      },
      {
        ...vitest,
        how: "its defaults",
        files: { "main.test.mjs": programTest(modules, "import") },
        command: "vitest run --globals",
      },
      ...["jsdom", "happy-dom"].flatMap((environment): Cell[] => [
        {
          ...vitest,
          how: `${environment}, refused with advice`,
          files: { "main.test.mjs": refusalTest(modules, "import") },
          command: `vitest run --globals --environment ${environment}`,
        },
        {
          ...vitest,
          how: `${environment}, with @vitest-environment node`,
          files: { "main.test.mjs": `// @vitest-environment node\n${programTest(modules, "import")}` },
          command: `vitest run --globals --environment ${environment}`,
        },
      ]),
    ];
  }

  /** Compiles with each module resolution, including declarations, and runs the output. */
  function compilerCells(): Cell[] {
    const nested = join(ROOT, "tests/types/node_modules");
    const resolutions = [
      ["node10", "commonjs", "commonjs"],
      ["node16", "node16", "commonjs"],
      ["node16", "node16", "module"],
      ["nodenext", "nodenext", "commonjs"],
      ["nodenext", "nodenext", "module"],
      ["bundler", "esnext", "module"],
    ] as const;
    return ["typescript54", "typescript59"].flatMap((name) =>
      resolutions.map(([moduleResolution, module, type]): Cell => {
        const compiler = join(nested, name, "bin/tsc");
        const compilerOptions = {
          module,
          moduleResolution,
          target: "es2022",
          lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
          types: ["node"],
          typeRoots: [join(nested, "@types")],
          strict: true,
          outDir: "out",
        };
        const path = existsSync(compiler) ? compiler : undefined;
        return {
          tool: `TypeScript ${versionOf(join(nested, name))}`,
          how: `moduleResolution ${moduleResolution}, ${type === "module" ? "ESM" : "CommonJS"}`,
          needs: { name, path, install: "npm ci --prefix tests/types" },
          files: {
            ...ts,
            "package.json": JSON.stringify({ type }),
            "tsconfig.json": JSON.stringify({ compilerOptions, files: ["main.ts"] }),
          },
          command: `node ${compiler} -p . --pretty false && node out/main.js`,
          prints: printed,
        };
      })
    );
  }
}

/** The shared properties of the cells of a tool that has a folder of packages. */
function installed(folder: string, packageName = folder): Pick<Cell, "tool" | "packages" | "needs"> {
  const path = join(ROOT, "tests/consumers", folder, "node_modules", packageName);
  const install = `npm ci --prefix tests/consumers/${folder}`;
  const isInstalled = existsSync(path);
  return {
    tool: `${folder} ${versionOf(path)}`,
    packages: folder,
    needs: { name: folder, path: isInstalled ? path : undefined, install },
  };
}

function versionOf(folder: string): string {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return "";
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, "utf8"));
  return version;
}
