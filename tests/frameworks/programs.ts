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
  /** For a variant: the folder on the page. */
  readonly variantOf?: string;
  /** Whether the folder next to this file with the program's name has packages of its own. */
  readonly hasOwnPackages?: true;
  /** Files that the framework's own template contains, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Builds it. No key is in the environment. */
  readonly build?: (runtimes: Runtimes) => Command;
  /** Serves it on `port`. The key is in the environment. */
  readonly start: (runtimes: Runtimes, port: string) => Command;
  /** The file that the key is read from, instead of the environment. */
  readonly keyFile?: string;
  /** SvelteKit assumes TLS, and compares the scheme in `Origin` with it. */
  readonly isBehindTls?: true;
  /** Whether `GET /session` issues a `linkedId`, which the program compares. */
  readonly hasSession?: true;
  /** Whether \`/form\` has a server action of Next. */
  readonly hasFormAction?: true;
  /** How a login is posted and answered; by default JSON. `sveltekit`: its form action. */
  readonly form?: "sveltekit";
}

/** A command of an installed package, by the file that its `bin` names. */
const tool = (path: string): string => join("..", "node_modules", path);
/** A command of a package that is in the program's own folder. */
const own = (path: string): string => join("node_modules", path);
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

/** The folders on the page whose programs need a vendor's own host. */
export const COMPILED_ONLY: readonly string[] = ["azure", "firebase"];

export const FRAMEWORKS: readonly FrameworkProgram[] = [
  { name: "express", start: ({ node }) => [node, "server.ts"], hasSession: true },
  {
    name: "express4",
    variantOf: "express",
    hasOwnPackages: true,
    start: ({ node }) => [node, "server.ts"],
    hasSession: true,
  },
  { name: "fastify", start: ({ node }) => [node, "server.ts"] },
  { name: "koa", start: ({ node }) => [node, "server.ts"] },
  {
    name: "nest",
    files: {
      "package.json": '{ "type": "module" }',
      "tsconfig.json": JSON.stringify({ compilerOptions: COMPILER_OPTIONS }),
    },
    build: ({ node }) => [node, tool("typescript/bin/tsc")],
    start: ({ node }) => [node, "dist/main.js"],
  },
  { name: "hono", start: ({ node }) => [node, "server.ts"] },
  {
    name: "next",
    files: {
      "package.json": '{ "type": "module" }',
      "app/layout.tsx": `import { createElement, type ReactNode } from "react";
export default ({ children }: { children: ReactNode }) =>
  createElement("html", null, createElement("body", null, children));`,
      "app/form/page.tsx": `import { createElement } from "react";
import { login } from "./actions";
export default () => createElement("form", { action: login });`,
      // Next finds packages above its own folder only if this option names their folder.
      "next.config.mjs": 'export default { turbopack: { root: new URL("..", import.meta.url).pathname } };',
    },
    build: ({ node }) => [node, tool("next/dist/bin/next"), "build"],
    start: ({ node }, port) => [node, tool("next/dist/bin/next"), "start", "--port", port],
    hasFormAction: true,
  },
  {
    name: "sveltekit",
    files: {
      "package.json": '{ "type": "module" }',
      "vite.config.js": `import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
export default { plugins: [sveltekit({ adapter: adapter() })] };`,
      "src/routes/login/+page.svelte": "<form method='post'></form>",
      "src/app.html": "<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
    },
    build: ({ node }) => [node, tool("vite/bin/vite.js"), "build"],
    start: ({ node }) => [node, "build/index.js"],
    isBehindTls: true,
    form: "sveltekit",
  },
  {
    name: "nitro",
    files: { "package.json": '{ "type": "module" }', "nitro.config.ts": "export default { telemetry: false };" },
    build: ({ node }) => [node, tool("nitropack/dist/cli/index.mjs"), "build"],
    start: ({ node }) => [node, ".output/server/index.mjs"],
  },
  {
    name: "nitro3",
    hasOwnPackages: true,
    files: { "package.json": '{ "type": "module" }', "nitro.config.ts": 'export default { serverDir: "./" };' },
    build: ({ node }) => [node, own("nitro/dist/cli/index.mjs"), "build"],
    start: ({ node }) => [node, ".output/server/index.mjs"],
  },
  {
    name: "astro",
    hasOwnPackages: true,
    files: {
      "package.json": '{ "type": "module" }',
      "astro.config.mjs": `import node from "@astrojs/node";
export default { adapter: node({ mode: "standalone" }), security: { checkOrigin: false } };`,
    },
    build: ({ node }) => [node, own("astro/bin/astro.mjs"), "build"],
    start: ({ node }) => [node, "dist/server/entry.mjs"],
  },
  {
    name: "react-router",
    hasOwnPackages: true,
    files: {
      "package.json": '{ "type": "module", "dependencies": { "@react-router/node": "*", "isbot": "*" } }',
      "vite.config.ts": `import { reactRouter } from "@react-router/dev/vite";
export default { plugins: [reactRouter()] };`,
      "app/routes.ts": `import { route } from "@react-router/dev/routes";
export default [route("login", "routes/login.ts")];`,
      "app/root.tsx": `import { createElement } from "react";
import { Outlet } from "react-router";
export default () => createElement(Outlet);`,
    },
    build: ({ node }) => [node, own("@react-router/dev/bin.js"), "build"],
    start: ({ node }) => [node, own("@react-router/serve/bin.js"), "./build/server/index.js"],
  },
  {
    name: "tanstack",
    hasOwnPackages: true,
    files: {
      "package.json": '{ "type": "module" }',
      "vite.config.ts": `import { tanstackStart } from "@tanstack/react-start/plugin/vite";
import react from "@vitejs/plugin-react";
export default { plugins: [tanstackStart(), react()] };`,
      "src/routes/__root.tsx": `import { createRootRoute, Outlet } from "@tanstack/react-router";
export const Route = createRootRoute({ component: Outlet });`,
      "src/router.tsx": `import { createRouter } from "@tanstack/react-router";
import { routeTree } from "./routeTree.gen";
export const getRouter = () => createRouter({ routeTree });`,
    },
    build: ({ node }) => [node, own("vite/bin/vite.js"), "build"],
    start: ({ node }) => [node, server("fetch-server.ts"), "./dist/server/server.js"],
  },
  { name: "elysia", start: ({ bun }) => [bun, "server.ts"] },
  { name: "deno", start: ({ deno }) => [deno, "run", "--no-check", "--allow-net", "--allow-env", "server.ts"] },
  { name: "bun", start: ({ bun }) => [bun, "server.ts"] },
  {
    name: "workers",
    start: ({ node }, port) => [node, tool("wrangler/bin/wrangler.js"), "dev", "--port", port, "--ip", "127.0.0.1"],
    keyFile: ".dev.vars",
    hasSession: true,
  },
  { name: "lambda", start: ({ node }) => [node, server("lambda-gateway.ts"), "./index.ts"] },
  { name: "vercel", start: ({ node }) => [node, server("vercel-functions.ts"), "./api"] },
];
