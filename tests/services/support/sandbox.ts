/**
 * A sandbox behind a server of its own, and pages with the vendor's packages in Chromium.
 *
 * @module
 */

import { build } from "esbuild";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { nodeListener } from "../../../src/node-http/mod.ts";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../../src/testing/mod.ts";
import { ROOT } from "../../runtimes/project.ts";
import type { Absence } from "../../support/absence.ts";
import { absenceOfPackages } from "../../support/installed-packages.ts";
import { listenLocally, type LocalServer } from "../../support/local-server.ts";

const FOLDER = join(ROOT, "tests/services/sandbox");

/** The vendor's packages that a page can be made with. */
export const VENDOR_PACKAGES = {
  "@fingerprint/agent 4.1": "agent-v4.ts",
  "@fingerprint/react 3.2": "react-v4.tsx",
  "@fingerprintjs/fingerprintjs-pro 3.12": "agent-v3.ts",
  "@fingerprintjs/fingerprintjs-pro-react 2.7": "react-v3.tsx",
} as const;
export type VendorPackage = keyof typeof VENDOR_PACKAGES;

/** Why the vendor's packages are missing. */
export const vendorAbsence: Absence | undefined = absenceOfPackages("tests/services/sandbox");

/** A sandbox that is served on this machine. */
export interface ServedSandbox extends LocalServer {
  /** Replaces the sandbox; its address stays. */
  use(options: SandboxOptions): Sandbox;
}

export async function serveSandbox(): Promise<ServedSandbox> {
  let sandbox = createSandbox();
  const server = createServer(nodeListener((request, context) => sandbox.handle(request, context)));
  const use = (options: SandboxOptions): Sandbox => sandbox = createSandbox(options);
  return { ...await listenLocally(server), use };
}

/** Bundles a page with the vendor's package, as an application does. */
export async function bundlePage(name: VendorPackage): Promise<string> {
  const { outputFiles: [output] } = await build({
    entryPoints: [join(FOLDER, "pages", VENDOR_PACKAGES[name])],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
  });
  return output?.text ?? "";
}

/** What a page shows in the end. */
export interface Outcome {
  readonly eventId?: string;
  readonly status?: number;
  readonly code?: string;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string; readonly id?: string };
  readonly [detail: string]: unknown;
}

export interface OpenOptions {
  /** The page's query, such as `sandbox=bot:bad`. */
  readonly query?: string;
  readonly settings: object;
}

/** A tab of its own, in which an application's page runs with one of the vendor's packages. */
export interface Tab {
  /** Opens the page, and returns its outcome and what it wrote to the console. */
  open(url: string, options: OpenOptions): Promise<{ outcome: Outcome; console: string[] }>;
  close(): Promise<void>;
}

/** @param script The page's script, as {@linkcode bundlePage} bundles it. */
export async function openTab(browser: Browser, script: string): Promise<Tab> {
  const context = await browser.newContext();
  const page = await context.newPage();
  let said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(`page error: ${error.message}`));
  await page.route("**/page.js", (route) => route.fulfill({ contentType: "text/javascript", body: script }));
  return {
    async open(url, { query = "", settings }) {
      said = [];
      // The number makes it another address, which is loaded anew although only the fragment differs.
      await page.goto(`${url}/?n=${Math.random()}&${query}#${encodeURIComponent(JSON.stringify(settings))}`);
      const text = await page.waitForSelector("#outcome", { timeout: 20_000, state: "attached" })
        .then((element) => element.textContent(), () => null);
      if (text === null) throw new Error(`The page has no outcome: ${said.join("\n")}`);
      return { outcome: JSON.parse(text) as Outcome, console: said };
    },
    close: () => context.close(),
  };
}
