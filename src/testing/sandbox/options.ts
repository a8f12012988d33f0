/**
 * The options of the sandbox.
 *
 * @module
 */

import { checkedOptions } from "../../checked-options.ts";
import { checkFlag, checkFunction, checkMilliseconds, wrongType } from "../../options.ts";
import type { Region } from "../../proxy/paths.ts";
import { checkScenario, type Scenario } from "../scenario.ts";
import { rawKey } from "../seal.ts";
import { encodeBase64 } from "../../encoding/base64.ts";
import type { SandboxEvent } from "./types.ts";

/** A webhook of the sandbox. */
export interface SandboxWebhook {
  /** Where to deliver it. */
  readonly url: string;
  /** The shape of its body. `"v4"` by default. */
  readonly version?: "v3" | "v4" | undefined;
  /** Signs it. By default the sandbox's `webhookSecret`. */
  readonly secret?: string | undefined;
}

/** How the sandbox works. Everything has a default. */
export interface SandboxOptions {
  /** The first encryption key: base64 text of 32 bytes. By default a random one that begins with `unseal/sandbox/key/`. */
  readonly key?: string | undefined;
  /** The public API key of the page. `sandbox-public-key` by default. */
  readonly publicKey?: string | undefined;
  /** The secret API key of the Events API. `sandbox-secret-key` by default. */
  readonly secretKey?: string | undefined;
  /** The secret that proxies send. `sandbox-proxy-secret` by default. */
  readonly proxySecret?: string | undefined;
  /** Signs webhooks. `sandbox-webhook-secret` by default. */
  readonly webhookSecret?: string | undefined;
  /** The webhooks. None by default. */
  readonly webhooks?: readonly SandboxWebhook[] | undefined;
  /** How long after a failure a webhook is delivered again, in milliseconds. 5 minutes by default, as the service does. */
  readonly webhookRetryMs?: number | undefined;
  /**
   * The region of the workspace. A request of another one gets `wrong_region`: the region is in the query's `region`, or
   * the first label of the host, as in `eu.localhost`, and otherwise `us`. By default every region is right.
   */
  readonly region?: Region | undefined;
  /** Whether a proxy gets the open answer, with the sealed result. `true` by default. */
  readonly openClientResponse?: boolean | undefined;
  /** Whether the page gets no visitor id and no suspect score. `false` by default. */
  readonly zeroTrust?: boolean | undefined;
  /** The scenario of visits for which nothing else chooses one. */
  readonly scenario?: Scenario | undefined;
  /** Draws a scenario at random for each such visit: a whole number. The same number gives the same scenarios. */
  readonly seed?: number | undefined;
  /** How many events and visitors to keep: a whole number from 1. 10,000 by default; the oldest are forgotten. */
  readonly maxEvents?: number | undefined;
  /** Is called with each event before the agent has its answer. */
  readonly onEvent?: ((event: SandboxEvent) => void) | undefined;
  /** Delivers webhooks in place of the global `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** The service's clock: Unix milliseconds. `Date.now` by default. */
  readonly now?: (() => number) | undefined;
}

const NAMES: Readonly<Record<keyof SandboxOptions, 1>> = {
  key: 1,
  publicKey: 1,
  secretKey: 1,
  proxySecret: 1,
  webhookSecret: 1,
  webhooks: 1,
  webhookRetryMs: 1,
  region: 1,
  openClientResponse: 1,
  zeroTrust: 1,
  scenario: 1,
  seed: 1,
  maxEvents: 1,
  onEvent: 1,
  fetch: 1,
  now: 1,
};
const WEBHOOK_NAMES: Readonly<Record<keyof SandboxWebhook, 1>> = { url: 1, version: 1, secret: 1 };

type Filled<Options> = { readonly [Name in keyof Options]-?: NonNullable<Options[Name]> };

/** A webhook with its defaults. */
export type CheckedWebhook = Filled<SandboxWebhook>;

/** Options with their defaults. */
export type CheckedSandboxOptions =
  & Filled<Omit<SandboxOptions, "webhooks" | "region" | "seed">>
  & Pick<SandboxOptions, "region" | "seed">
  & { readonly webhooks: readonly CheckedWebhook[] };

/** Checks options and fills in their defaults. */
export function checkSandboxOptions(options: SandboxOptions): CheckedSandboxOptions {
  const own = checkedOptions(options, NAMES);
  const webhookSecret = checkText("webhookSecret", own.webhookSecret ?? "sandbox-webhook-secret");
  const { seed, maxEvents = 10_000 } = own;
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw wrongType("seed", "a whole number", seed);
  if (!Number.isSafeInteger(maxEvents) || maxEvents < 1) {
    throw new RangeError("maxEvents must be a whole number from 1");
  }
  if (own.region !== undefined && !["us", "eu", "ap"].includes(own.region)) {
    throw wrongType("region", '"us", "eu" or "ap"', own.region);
  }
  return {
    key: own.key === undefined ? generateSandboxKey() : checkKey(own.key),
    publicKey: checkText("publicKey", own.publicKey ?? "sandbox-public-key"),
    secretKey: checkText("secretKey", own.secretKey ?? "sandbox-secret-key"),
    proxySecret: checkText("proxySecret", own.proxySecret ?? "sandbox-proxy-secret"),
    webhookSecret,
    webhooks: checkWebhooks(own.webhooks ?? [], webhookSecret),
    webhookRetryMs: checkMilliseconds("webhookRetryMs", own.webhookRetryMs ?? 300_000),
    region: own.region,
    openClientResponse: checkFlag("openClientResponse", own.openClientResponse ?? true),
    zeroTrust: checkFlag("zeroTrust", own.zeroTrust ?? false),
    scenario: checkScenario(own.scenario ?? {}),
    seed,
    maxEvents,
    onEvent: own.onEvent === undefined ? () => {} : checkFunction("onEvent", own.onEvent),
    fetch: own.fetch === undefined ? (url, init) => fetch(url, init) : checkFunction("fetch", own.fetch),
    now: own.now === undefined ? Date.now : checkFunction("now", own.now),
  };
}

/** What a key of the sandbox begins with, so that it is not mistaken for a real one. */
export const SANDBOX_KEY_PREFIX = "unseal/sandbox/key/";

/** A random key that begins with `unseal/sandbox/key/`. It has 144 random bits. */
export function generateSandboxKey(): string {
  return `${SANDBOX_KEY_PREFIX}${encodeBase64(crypto.getRandomValues(new Uint8Array(18)))}=`;
}

/** Checks a key in the form in which the sandbox hands it out. */
export function checkKey(key: string): string {
  if (typeof key !== "string") throw wrongType("key", "base64 text", key);
  rawKey(key);
  return key;
}

function checkText(name: string, text: string): string {
  // A header has no other characters.
  if (typeof text === "string" && /^[\x21-\x7e]+$/.test(text)) return text;
  throw wrongType(name, "text of printable ASCII characters without spaces", text);
}

function checkWebhooks(webhooks: readonly SandboxWebhook[], secret: string): readonly CheckedWebhook[] {
  if (!Array.isArray(webhooks)) throw wrongType("webhooks", "an array", webhooks);
  return webhooks.map((webhook: SandboxWebhook, index) => {
    const own = checkedOptions(webhook, WEBHOOK_NAMES);
    const name = `webhooks[${index}]`;
    if (typeof own.url !== "string" || !/^https?:\/\//.test(own.url)) throw wrongType(`${name}.url`, "a URL", own.url);
    const version = own.version ?? "v4";
    if (version !== "v3" && version !== "v4") throw wrongType(`${name}.version`, '"v3" or "v4"', version);
    return { url: own.url, version, secret: checkText(`${name}.secret`, own.secret ?? secret) };
  });
}
