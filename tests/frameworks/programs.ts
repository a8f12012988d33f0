/**
 * The programs of `docs/frameworks.md`: the commands that build and start each one, and the files of its framework that
 * are not on that page.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The executables that start the programs. */
export interface Runtimes {
  readonly node: string;
  readonly deno: string;
  readonly bun: string;
}

/** A command without its working directory, which is the program's folder. */
export type Command = readonly [string, ...string[]];

export interface FrameworkProgram {
  /** Its folder on the page, or the name of a variant. */
  readonly name: string;
  /** For a variant: the folder on the page. The folder next to this file with the variant's name has its packages. */
  readonly variantOf?: string;
  /** Files that the framework's own template contains, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Builds it. No key is in the environment. */
  readonly build?: (runtimes: Runtimes) => Command;
  /** Serves it on `port`. The key is in the environment. */
  readonly start: (runtimes: Runtimes, port: string) => Command;
  /** The file that the key is read from, instead of the environment. */
  readonly keyFile?: string;
  /** Koa's program on the page has only the guarded endpoint. */
  readonly hasVisitorRoute?: false;
  /** SvelteKit assumes TLS, and compares the scheme in `Origin` with it. */
  readonly isBehindTls?: true;
  /** The form of the sealed result for `POST /visitor`; by default text. */
  readonly visitorBody?: "json";
}

/** A command of an installed package, by the file that its `bin` names. */
const tool = (path: string): string => join("..", "node_modules", path);
const server = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const COMPILER_OPTIONS = {
  target: "ES2022",
  module: "NodeNext",
  outDir: "dist",
  strict: true,
  skipLibCheck: true,
  rewriteRelativeImportExtensions: true,
  types: ["node"],
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

export const FRAMEWORKS: readonly FrameworkProgram[] = [
  { name: "express", start: ({ node }) => [node, "server.ts"] },
  { name: "express4", variantOf: "express", start: ({ node }) => [node, "server.ts"] },
  { name: "fastify", start: ({ node }) => [node, "server.ts"] },
  { name: "koa", start: ({ node }) => [node, "server.ts"], hasVisitorRoute: false },
  {
    name: "nest",
    files: {
      "package.json": '{ "type": "module" }',
      "tsconfig.json": JSON.stringify({ compilerOptions: COMPILER_OPTIONS }),
    },
    build: ({ node }) => [node, tool("typescript/bin/tsc")],
    start: ({ node }) => [node, "dist/main.js"],
    visitorBody: "json",
  },
  { name: "hono", start: ({ node }) => [node, "server.ts"] },
  {
    name: "next",
    files: {
      "package.json": '{ "type": "module" }',
      // Next finds packages above its own folder only if this option names their folder.
      "next.config.mjs": 'export default { turbopack: { root: new URL("..", import.meta.url).pathname } };',
    },
    build: ({ node }) => [node, tool("next/dist/bin/next"), "build"],
    start: ({ node }, port) => [node, tool("next/dist/bin/next"), "start", "--port", port],
  },
  {
    name: "sveltekit",
    files: {
      "package.json": '{ "type": "module" }',
      "vite.config.js": `import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
export default { plugins: [sveltekit({ adapter: adapter() })] };`,
      "src/app.html": "<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
    },
    build: ({ node }) => [node, tool("vite/bin/vite.js"), "build"],
    start: ({ node }) => [node, "build/index.js"],
    isBehindTls: true,
  },
  {
    name: "nitro",
    files: { "package.json": '{ "type": "module" }', "nitro.config.ts": "export default { telemetry: false };" },
    build: ({ node }) => [node, tool("nitropack/dist/cli/index.mjs"), "build"],
    start: ({ node }) => [node, ".output/server/index.mjs"],
  },
  { name: "deno", start: ({ deno }) => [deno, "run", "--no-check", "--allow-net", "--allow-env", "server.ts"] },
  { name: "bun", start: ({ bun }) => [bun, "server.ts"] },
  {
    name: "workers",
    start: ({ node }, port) => [node, tool("wrangler/bin/wrangler.js"), "dev", "--port", port, "--ip", "127.0.0.1"],
    keyFile: ".dev.vars",
  },
  { name: "lambda", start: ({ node }) => [node, server("lambda-gateway.ts"), "./index.ts"] },
  { name: "vercel", start: ({ node }) => [node, server("vercel-functions.ts"), "./api"] },
];
