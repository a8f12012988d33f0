/**
 * The settings of `unseal dev`, which it shares with a backend through an environment file.
 *
 * @module
 */

import { appendFileSync, readFileSync } from "node:fs";
import { generateSandboxKey, SANDBOX_KEY_PREFIX } from "../../testing/sandbox/options.ts";
import { randomText } from "../../testing/text.ts";
import { CommandError, fileError } from "../command.ts";

/** Keys and secrets, by the names of their variables. */
export interface Settings {
  readonly FINGERPRINT_KEY: string;
  readonly FINGERPRINT_PUBLIC_KEY: string;
  readonly FINGERPRINT_SECRET_KEY: string;
  readonly FINGERPRINT_PROXY_SECRET: string;
  readonly FINGERPRINT_WEBHOOK_SECRET: string;
  readonly FINGERPRINT_URL: string;
}

/** What each generated value begins with, so that it is not mistaken for a real one. */
const PREFIXES = {
  FINGERPRINT_KEY: SANDBOX_KEY_PREFIX,
  FINGERPRINT_PUBLIC_KEY: "sandbox_public_",
  FINGERPRINT_SECRET_KEY: "sandbox_secret_",
  FINGERPRINT_PROXY_SECRET: "sandbox_proxy_",
  FINGERPRINT_WEBHOOK_SECRET: "sandbox_webhook_",
} as const;
type Generated = keyof typeof PREFIXES;

/**
 * Makes the settings.
 *
 * @param file An environment file: values in it are used, and missing ones are appended to it.
 * @param url The sandbox's own address, for clients of the Events API and proxies.
 */
export function loadSettings(file: string | undefined, url: string): Settings {
  const found = file === undefined ? {} : parseEnvironment(readText(file));
  const generated: Record<string, string> = {};
  for (const [name, prefix] of Object.entries(PREFIXES) as [Generated, string][]) { // the entries of a constant
    const given = found[name];
    if (given !== undefined && !given.startsWith(prefix)) {
      // A real key belongs to a real workspace, and must not be shown on a page.
      throw new CommandError(`${name} in ${file} is not the sandbox's: its value would begin with ${prefix}`);
    }
    generated[name] = given ?? (name === "FINGERPRINT_KEY" ? generateSandboxKey() : `${prefix}${randomText(20)}`);
  }
  const settings = { ...generated as Record<Generated, string>, FINGERPRINT_URL: url };
  if (file !== undefined) appendMissing(file, settings, found);
  return settings;
}

/** The settings as lines of an environment file. */
export function formatSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join("");
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw fileError("read", file, error);
  }
}

function appendMissing(file: string, settings: Settings, found: Readonly<Record<string, string>>): void {
  const missing = Object.fromEntries(Object.entries(settings).filter(([name]) => !Object.hasOwn(found, name)));
  if (Object.keys(missing).length === 0) return;
  try {
    appendFileSync(file, `# Made by unseal dev, for development only.\n${formatSettings(missing)}`, { mode: 0o600 });
  } catch (error) {
    throw fileError("write", file, error);
  }
}

/** The variables of an environment file. A later one replaces an earlier one, as when it is loaded. */
function parseEnvironment(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).map((line) => /^\s*(?:export\s+)?(\w+)\s*=\s*(["']?)(.*?)\2\s*$/.exec(line));
  return Object.fromEntries(lines.flatMap((match) => match === null ? [] : [[match[1], match[3]]]));
}
