/**
 * Serving one application for real on each runtime that has a server: each is a child process, started from a bundle.
 *
 * An application is a module whose default export has `fetch(request, env, context)`, as a Worker has. `context` is what
 * the server passes with a request; only a Worker's context has `waitUntil`.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { listNodes, type Program, program } from "../../runtimes/programs.ts";
import { ROOT } from "../../runtimes/project.ts";
import { workerdConfiguration } from "../../support/workerd.ts";

/** `node` is the machine's own Node. */
export const RUNTIMES = ["node", "deno", "bun", "workerd"] as const;
/** A release of `tests/runtimes/package.json`. */
export type NodeRelease = `node${number}`;
export type Runtime = (typeof RUNTIMES)[number] | NodeRelease;

export interface RunningServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Its output so far, for messages of failures. */
  printed(): string;
  /** Its resident memory in bytes. */
  residentBytes(): number;
  /** The most resident memory that it has had, in bytes. */
  peakBytes(): number;
  /** Its open files and connections. */
  openFiles(): number;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Text bindings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further bindings, in workerd's configuration language. */
  readonly workerdBindings?: readonly string[];
  /** Further services, in workerd's configuration language. */
  readonly workerdServices?: readonly string[];
  /** Further fields of the Worker, in workerd's configuration language. */
  readonly workerdFields?: readonly string[];
  /** workerd's compatibility date; by default its newest. */
  readonly compatibilityDate?: string;
}

const START_TIMEOUT_MS = 120_000;

/** The program of a runtime. */
export function programOf(runtime: Runtime): Program {
  if (!isNodeRelease(runtime)) return program(runtime);
  const release = listNodes().find(({ name }) => name === runtime);
  if (release === undefined) throw new Error(`tests/runtimes/package.json has no ${runtime}`);
  return release;
}

function isNodeRelease(runtime: Runtime): runtime is NodeRelease {
  return /^node\d+$/.test(runtime);
}

/**
 * Serves an application.
 *
 * @param app Its source file, from the project's folder.
 */
export async function startServer(runtime: Runtime, app: string, options: ServerOptions = {}): Promise<RunningServer> {
  return await start(runtime, tmpdir(), await bundle(runtime, app, options), options);
}

/** Runs a script on Node that prints `listening <port>`, such as an upstream server. */
export async function startScript(source: string): Promise<RunningServer> {
  return await start("node", tmpdir(), await bundleOf(importOf(source), { platform: "node" }));
}

/**
 * Runs an application with the packages that are installed for it. It prints `listening <port>`.
 *
 * @param source Its source file, from the project's folder.
 * @param parameter Its command-line argument.
 */
export async function startApplication(runtime: Runtime, source: string, parameter: string): Promise<RunningServer> {
  // Below the application, so that its packages are found. Deno requires a package.json outside of node_modules.
  const parent = join(ROOT, dirname(source), ".build");
  mkdirSync(parent, { recursive: true });
  const main = await bundleOf(importOf(source), { platform: "node", packages: "external" });
  return await start(runtime, parent, main, {}, parameter);
}

function importOf(source: string): string {
  return `import ${JSON.stringify(join(ROOT, source))};`;
}

/** Runs a bundle in a folder of its own inside of `parent`. */
async function start(
  runtime: Runtime,
  parent: string,
  main: string,
  options: ServerOptions = {},
  ...parameters: string[]
): Promise<RunningServer> {
  const { path, install } = programOf(runtime);
  if (path === undefined) throw new Error(`${runtime} is not installed: ${install}`);
  const folder = mkdtempSync(join(parent, `unseal-${runtime}-`));
  writeFileSync(join(folder, "main.mjs"), main);
  if (runtime === "workerd") writeFileSync(join(folder, "config.capnp"), configuration(options));
  const child = spawn(path, [...argumentsOf(runtime), ...parameters], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return await whenListening(child, folder);
}

function argumentsOf(runtime: Runtime): string[] {
  if (runtime === "deno") return ["run", "-A", "--no-config", "--no-lock", "--node-modules-dir=manual", "main.mjs"];
  if (runtime === "workerd") return ["serve", "config.capnp", "--control-fd=1"];
  return ["main.mjs"];
}

async function bundle(runtime: Runtime, app: string, { env = {} }: ServerOptions): Promise<string> {
  const platform = isNodeRelease(runtime) ? "node" : runtime;
  const serving = {
    node: `import { serve } from "@hono/node-server";
      const server = serve({ fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => console.log("listening " + port));`,
    deno:
      `Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log("listening " + port) }, fetch);`,
    bun: `const { port } = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch }); console.log("listening " + port);`,
    workerd: "",
  }[platform];
  const contents = runtime === "workerd"
    ? `export * from ${JSON.stringify(join(ROOT, app))}; export { default } from ${JSON.stringify(join(ROOT, app))};`
    : `import app from ${JSON.stringify(join(ROOT, app))};
      const env = ${JSON.stringify(env)};
      const fetch = (request, context) => app.fetch(request, env, context);
      ${serving}
      process.on("unhandledRejection", (error) => { console.error("UNHANDLED", error); process.exit(70); });`;
  return await bundleOf(contents, {
    platform: platform === "node" ? "node" : "neutral",
    conditions: runtime === "workerd" ? ["workerd", "worker", "browser"] : [],
  });
}

/** Bundles a program. Imports of the package resolve to the sources. */
export async function bundleOf(
  contents: string,
  options: {
    readonly platform: "node" | "neutral";
    readonly conditions?: readonly string[];
    readonly format?: "esm" | "iife";
    readonly packages?: "external";
    /** Modules that the runtime itself has. */
    readonly external?: readonly string[];
  },
): Promise<string> {
  const { outputFiles: [output] } = await build({
    stdin: { contents, resolveDir: ROOT, sourcefile: "entry.ts", loader: "ts" },
    bundle: true,
    write: false,
    format: options.format ?? "esm",
    target: "es2022",
    mainFields: ["module", "main"],
    platform: options.platform,
    ...(options.packages === undefined ? {} : { packages: options.packages }),
    conditions: ["import", ...options.conditions ?? []],
    external: [...options.external ?? []],
    alias: packageModules(),
    // The manifest declares no side effects, so the bundler would otherwise drop a script that is imported for them.
    ignoreAnnotations: true,
    logLevel: "silent",
  });
  if (output === undefined) throw new Error("esbuild made no output");
  return output.text;
}

/** The package's modules by their names, as an application imports them, from the sources. */
function packageModules(): Record<string, string> {
  const manifest = readFileSync(join(ROOT, "deno.json"), "utf8");
  const { name, exports } = JSON.parse(manifest) as { name: string; exports: Record<string, string> };
  return Object.fromEntries(Object.entries(exports).map(([path, file]) => [join(name, path), join(ROOT, file)]));
}

/** workerd's configuration, with access to upstreams on this machine. */
function configuration({ env = {}, ...options }: ServerOptions): string {
  const texts = Object.entries(env)
    .map(([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`);
  return workerdConfiguration("main.mjs", {
    ...(options.compatibilityDate !== undefined && { compatibilityDate: options.compatibilityDate }),
    address: "127.0.0.1:0",
    services: ['(name = "internet", network = (allow = ["private", "public"]))', ...options.workerdServices ?? []],
    bindings: [...texts, ...options.workerdBindings ?? []],
    fields: options.workerdFields ?? [],
  });
}

/** Waits for the port to be printed: `listening <port>`, or workerd's `{"event":"listen",…,"port":<port>}`. */
async function whenListening(child: ChildProcess, folder: string): Promise<RunningServer> {
  let printed = "";
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    process.off("exit", killWithUs);
    rmSync(folder, { recursive: true, force: true });
  };
  const killWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const port = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Server did not start: ${printed}`)), START_TIMEOUT_MS);
    const take = (text: string): void => {
      printed = (printed + text).slice(-20_000);
      const found = /listening (\d+)|"listen".*"port":(\d+)/.exec(printed);
      if (found !== null) {
        clearTimeout(timer);
        resolve(found[1] ?? found[2] ?? "");
      }
    };
    child.stdout?.setEncoding("utf8").on("data", take);
    child.stderr?.setEncoding("utf8").on("data", take);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`Server ended with ${code}: ${printed}`));
    });
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  const bytesOf = (field: string): number => {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    printed: () => printed,
    residentBytes: () => bytesOf("VmRSS"),
    peakBytes: () => bytesOf("VmHWM"),
    openFiles: () => readdirSync(`/proc/${child.pid}/fd`).length,
    stop,
  };
}
