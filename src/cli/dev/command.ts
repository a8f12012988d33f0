/**
 * `unseal dev`: a sandbox with a page, to see and develop the whole flow without an account.
 *
 * @module
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeListener } from "../../node-http/mod.ts";
import { createSandbox } from "../../testing/sandbox/sandbox.ts";
import { parseScenario, type Scenario } from "../../testing/scenario.ts";
import { CommandError, EXIT, type Subcommand } from "../command.ts";
import { print } from "../output.ts";
import { ownBackend, userBackend } from "./backend.ts";
import { createKeyRing } from "./keys.ts";
import { createDevServer, type DevServer } from "./server.ts";
import { formatSettings, loadSettings, type Settings } from "./settings.ts";

const DEFAULT_PORT = 4343;

export const dev: Subcommand = {
  name: "dev",
  summary: "Runs a stand-in for Fingerprint on this machine, with a page that shows every step.",
  usage: "[options]",
  details:
    `It prints keys for your backend's environment, and answers as Fingerprint does: the JavaScript agents load from
it, proxies post to it, and its Events API has the events. It fingerprints nobody. It listens on 127.0.0.1 only,
and refuses to start with NODE_ENV=production.`,
  options: {
    backend: { value: "URL", help: "post the page's results to this URL, as JSON. By default to a login of its own" },
    webhook: { value: "URL", help: "deliver a signed webhook of each event to this URL" },
    // Not --env-file: Node itself reads an option of that name, wherever it stands.
    env: { value: "FILE", help: "use the keys in this file, and append those that are missing" },
    port: { value: "PORT", help: `listen on this port; 0 for a free one. By default ${DEFAULT_PORT}` },
    scenario: { value: "TEXT", help: "who visits, unless the page says otherwise: bot:bad,vpn,country:DE" },
  },
  examples: [
    "unseal dev",
    "unseal dev --env .env --backend http://localhost:3000/login",
  ],
  maxPositionals: 0,
  async run(args) {
    if (process.env["NODE_ENV"] === "production") {
      throw new CommandError(
        "unseal dev does not start with NODE_ENV=production: anyone who reaches it can make events",
      );
    }
    const port = readPort(args.text("port"));
    const backendUrl = readUrl("--backend", args.text("backend"));
    const webhookUrl = readUrl("--webhook", args.text("webhook"));
    const server = createServer();
    const url = await listen(server, port);
    let settings: Settings;
    try {
      settings = loadSettings(args.text("env"), url);
      server.on(
        "request",
        nodeListener(start({ settings, backendUrl, webhookUrl, scenario: args.text("scenario") })),
      );
    } catch (error) {
      server.close();
      throw error;
    }
    await print(banner(settings, url, backendUrl, args.text("env")));
    return await stopped(server);
  },
};

interface DevOptions {
  readonly settings: Settings;
  readonly backendUrl: string | undefined;
  readonly webhookUrl: string | undefined;
  readonly scenario: string | undefined;
}

function start({ settings, backendUrl, webhookUrl, scenario }: DevOptions): DevServer["handle"] {
  const sandbox = createSandbox({
    key: settings.FINGERPRINT_KEY,
    publicKey: settings.FINGERPRINT_PUBLIC_KEY,
    secretKey: settings.FINGERPRINT_SECRET_KEY,
    proxySecret: settings.FINGERPRINT_PROXY_SECRET,
    webhookSecret: settings.FINGERPRINT_WEBHOOK_SECRET,
    maxEvents: 1000,
    scenario: scenario === undefined ? {} : readScenario(scenario),
    webhooks: webhookUrl === undefined ? [] : [{ url: webhookUrl }],
    // No event is made before the server is there.
    onEvent: (event) => server.onEvent(event),
  });
  const keys = createKeyRing(sandbox);
  const server: DevServer = createDevServer({
    sandbox,
    keys,
    backend: backendUrl === undefined ? ownBackend(sandbox, keys) : userBackend(backendUrl),
    shown: {
      environment: formatSettings({ ...settings }),
      backend: backendUrl ?? null,
      publicKey: settings.FINGERPRINT_PUBLIC_KEY,
    },
    onRotate: (key) => void print(`\nThe key was rotated. The sandbox now seals with\nFINGERPRINT_KEY=${key}\n`),
  });
  return server.handle;
}

function readPort(text: string | undefined): number {
  const port = text === undefined ? DEFAULT_PORT : Number(text);
  if (/^\d{1,5}$/.test(text ?? "0") && port <= 65_535) return port;
  throw new CommandError("--port must be a number from 0 to 65535");
}

function readUrl(name: string, text: string | undefined): string | undefined {
  if (text === undefined || /^https?:\/\/[^/]/.test(text)) return text;
  throw new CommandError(`${name} must be a URL, such as http://localhost:3000/login`);
}

function readScenario(text: string): Scenario {
  try {
    return parseScenario(text);
  } catch (error) {
    throw new CommandError(`--scenario is invalid: ${(error as Error).message}`);
  }
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", ({ code }: NodeJS.ErrnoException) => {
      const hint = code === "EADDRINUSE" ? "it is in use; give another one with --port" : code;
      reject(new CommandError(`Cannot listen on port ${port}: ${hint}`, EXIT.file));
    });
    server.listen(port, "127.0.0.1", () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`); // it listens on TCP
    });
  });
}

function banner(settings: Settings, url: string, backendUrl: string | undefined, file: string | undefined): string {
  const keys = file === undefined
    ? `For your backend's environment (or start again with --env .env):\n\n${formatSettings({ ...settings })}`
    : `The keys are in ${file}.\n`;
  return `unseal dev stands in for Fingerprint. It fingerprints nobody, and its keys protect nothing.

  Page      ${url}
  Backend   ${backendUrl ?? "a login of its own; give yours with --backend URL"}

${keys}
Your page: apiKey "${settings.FINGERPRINT_PUBLIC_KEY}", endpoints "${url}/". Stop with Ctrl+C.
`;
}

/** Settles when the user ends the command. */
function stopped(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    const stop = (code: number) => (): void => {
      server.close(() => resolve(code));
      server.closeAllConnections();
    };
    process.once("SIGINT", stop(EXIT.success)).once("SIGTERM", stop(EXIT.success));
  });
}
