/**
 * A scenario: who visits, and how the service answers.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import type { FingerprintEventV3 } from "../event/types/v3.ts";
import type { FingerprintEventV4 } from "../event/types/v4.ts";
import { readAddress } from "../http/address.ts";
import { checkFlag, checkMilliseconds, wrongType } from "../options.ts";
import type { Overrides } from "./overrides.ts";
import { FAULT_CODES, type SandboxFault } from "./sandbox/faults.ts";

/** A visit, and how the sandbox answers it. Everything is optional; an empty scenario is a visitor without any signal. */
export interface Scenario {
  /** Whether the visitor is a bot. */
  readonly bot?: "bad" | "good" | "not_detected" | undefined;
  /** Whether a VPN is used. */
  readonly vpn?: boolean | undefined;
  /** Whether the address belongs to a proxy. */
  readonly proxy?: boolean | undefined;
  /** Whether the address belongs to the Tor network. */
  readonly tor?: boolean | undefined;
  /** Whether the browser was tampered with. */
  readonly tampering?: boolean | undefined;
  /** Whether the browser is in a private mode. */
  readonly incognito?: boolean | undefined;
  /** Whether the browser runs in a virtual machine. */
  readonly virtualMachine?: boolean | undefined;
  /** Whether the developer tools are open. */
  readonly developerTools?: boolean | undefined;
  /** The country of the address: two letters, as in ISO 3166-1. `DE` by default. */
  readonly country?: string | undefined;
  /** The address, in place of the one that the sandbox sees. */
  readonly ip?: string | undefined;
  /** The address of the page, in place of the one that the agent says. */
  readonly url?: string | undefined;
  /** The visitor id, in place of the one that belongs to the browser's cookie. */
  readonly visitorId?: string | undefined;
  /** How sure the identification is: from 0 to 1. 0.98 by default. */
  readonly confidence?: number | undefined;
  /** The suspect score, in place of the sum of the weights of the signals above. */
  readonly suspectScore?: number | undefined;
  /** Whether the event says that the agent's request was sent before. */
  readonly replayed?: boolean | undefined;
  /** Whether the identification was only partially completed (v4 only). */
  readonly partial?: boolean | undefined;
  /** `false`: there is no sealed result. The agent v4 returns `sealed_result: null`, the agent v3 no `sealedResult`. */
  readonly sealed?: boolean | undefined;
  /** How much the service's clock differs from this machine's, in milliseconds: negative for an old event. */
  readonly clockSkewMs?: number | undefined;
  /** How long the agent waits for its answer, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** The agent gets this error, and there is no event. */
  readonly error?: SandboxFault | undefined;
  /** Each request to the Events API for this event gets this error. */
  readonly apiError?: SandboxFault | undefined;
  /** How long the Events API takes to answer a request for this event, in milliseconds. */
  readonly apiDelayMs?: number | undefined;
  /** Overrides of the event in v3's shape. They come last. */
  readonly v3?: Overrides<FingerprintEventV3> | undefined;
  /** Overrides of the event in v4's shape. They come last. */
  readonly v4?: Overrides<FingerprintEventV4> | undefined;
}

/** How the fields of a scenario are checked, and read from text. */
type Kind = "flag" | "bot" | "country" | "address" | "text" | "number" | "skew" | "delay" | "fault" | "overrides";

const KINDS: Readonly<Record<keyof Scenario, Kind>> = {
  bot: "bot",
  vpn: "flag",
  proxy: "flag",
  tor: "flag",
  tampering: "flag",
  incognito: "flag",
  virtualMachine: "flag",
  developerTools: "flag",
  country: "country",
  ip: "address",
  url: "text",
  visitorId: "text",
  confidence: "number",
  suspectScore: "number",
  replayed: "flag",
  partial: "flag",
  sealed: "flag",
  clockSkewMs: "skew",
  delayMs: "delay",
  error: "fault",
  apiError: "fault",
  apiDelayMs: "delay",
  v3: "overrides",
  v4: "overrides",
};

const NAMES = Object.fromEntries(Object.keys(KINDS).map((name) => [name, 1])) as Record<keyof Scenario, 1>;
const BOTS: readonly unknown[] = ["bad", "good", "not_detected"];

/** Checks a scenario. A misspelt field would otherwise be a visitor without the signal. */
export function checkScenario(scenario: Scenario): Scenario {
  const own = checkedOptions(scenario, NAMES);
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined) check(name, KINDS[name as keyof Scenario], value); // checkedOptions() knows each name
  }
  return own;
}

function check(name: string, kind: Kind, value: unknown): void {
  if (kind === "flag") return void checkFlag(name, value as boolean);
  if (kind === "delay") return void checkMilliseconds(name, value as number, 0);
  const wanted = {
    bot: BOTS.includes(value) ? undefined : '"bad", "good" or "not_detected"',
    country: /^[A-Z]{2}$/.test(String(value)) ? undefined : "two capital letters, such as DE",
    address: "text" in readAddress(value) ? undefined : "an IP address",
    text: typeof value === "string" && value !== "" ? undefined : "text that is not empty",
    number: Number.isFinite(value) && Number(value) >= 0 ? undefined : "a number from 0",
    skew: Number.isSafeInteger(value) ? undefined : "a whole number of milliseconds",
    fault: FAULT_CODES.includes(String(value)) ? undefined : `one of ${FAULT_CODES.join(", ")}`,
    overrides: typeof value === "object" ? undefined : "an object",
  }[kind];
  if (wanted !== undefined) throw wrongType(name, wanted, value);
}

/**
 * Reads a scenario from text, as it is in a page's URL: `bot:bad,vpn,country:DE`. A name alone is `true`. The overrides
 * `v3` and `v4` have no form as text.
 *
 * @throws {TypeError | RangeError} When a name is unknown or a value is invalid.
 */
export function parseScenario(text: string): Scenario {
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  return checkScenario(Object.fromEntries(parts.map((part) => {
    const [, name = "", value = "true"] = /^([^:]*)(?::(.*))?$/s.exec(part) ?? [];
    return [name, Object.hasOwn(KINDS, name) ? readValue(KINDS[name as keyof Scenario], value) : value];
  })));
}

function readValue(kind: Kind, value: string): unknown {
  if (kind === "flag") return value === "true" ? true : value === "false" ? false : value;
  return kind === "number" || kind === "skew" || kind === "delay" ? Number(value) : value;
}
