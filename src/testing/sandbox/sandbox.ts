/**
 * The sandbox: a stand-in for Fingerprint.
 *
 * @module
 */

import { checkRequest } from "../../http/fetch-api.ts";
import { keepAlive } from "../../http/keep-alive.ts";
import { rethrow } from "../../promise.ts";
import { generateEventId } from "../sample-events.ts";
import { checkScenario, type Scenario } from "../scenario.ts";
import { seal } from "../seal.ts";
import { agentScript } from "./agent.ts";
import { eventV3, eventV4 } from "./event.ts";
import { answerEventsApi } from "./events-api.ts";
import { answerAgent } from "./ingress.ts";
import { checkKey, checkSandboxOptions, generateSandboxKey, type SandboxOptions } from "./options.ts";
import { randomScenarios } from "./random.ts";
import type { SandboxEvent, VisitRequest } from "./types.ts";
import { BoundedMap, createVisitors } from "./visitors.ts";
import { createWebhookSender, type SandboxDelivery } from "./webhooks.ts";

/** A stand-in for Fingerprint. */
export interface Sandbox {
  /**
   * Answers a request as Fingerprint's hosts do: the agents' scripts, their endpoint, and the Events API v3 and v4.
   *
   * @param request The request. Only its path, its query and the region in its host matter.
   * @param context The server's second argument, which has the client's address.
   */
  handle(request: Request, context?: unknown): Promise<Response>;
  /**
   * Makes an event without a browser, as if an agent had asked for it.
   *
   * @param scenario The visitor. The scenario's `error` and `delayMs`, and {@linkcode next}, have no effect on it.
   * @param page What the page and its browser say.
   */
  visit(scenario?: Scenario, page?: VisitRequest): Promise<SandboxEvent>;
  /** Sets the scenarios of the next visits, one each. They come before those of the page's URL. */
  next(...scenarios: readonly Scenario[]): void;
  /** Sets the scenario of all visits for which nothing else chooses one. */
  always(scenario: Scenario): void;
  /**
   * Changes the encryption key.
   *
   * @param key Base64 text of 32 bytes. By default a random one that begins with `unseal/sandbox/key/`.
   * @returns The key.
   */
  rotateKey(key?: string): string;
  /** The encryption key that is active now. */
  readonly key: string;
  /** The public API key, for the agent in a page. */
  readonly publicKey: string;
  /** The secret API key, for the Events API. */
  readonly secretKey: string;
  /** The proxy secret. */
  readonly proxySecret: string;
  /** The secret that signs webhooks. */
  readonly webhookSecret: string;
  /** The events, oldest first. */
  events(): SandboxEvent[];
  /** The webhooks, oldest first. */
  deliveries(): SandboxDelivery[];
  /** Delivers all webhooks now that were not answered 2xx. Settles after these attempts. */
  redeliver(): Promise<void>;
  /** Settles when no webhook is under way. */
  settled(): Promise<void>;
}

/**
 * Creates a stand-in for Fingerprint, for development and tests without an account.
 *
 * Pages use the vendor's npm packages unchanged: `endpoints` of `@fingerprint/agent`, or `scriptUrlPattern` and `endpoint`
 * of `@fingerprintjs/fingerprintjs-pro`, point to it, or to a proxy in front of it. Its agent fingerprints nobody, and
 * says so in the page's console: a scenario chooses the visitor. The events are sealed with {@linkcode Sandbox.key}, are
 * served by the Events API, and go to the webhooks.
 *
 * A visit's scenario is the first of these: one given to `next()`; the one in the page's URL, as in
 * `?sandbox=bot:bad,vpn,country:DE`; the one given to `always()` or as an option, or one drawn with the `seed`.
 *
 * Never use it in production: every client that reaches it decides what the events say.
 *
 * @param options Keys, webhooks and scenarios.
 * @returns The sandbox.
 * @throws {TypeError | RangeError} When an option is invalid.
 *
 * @example A login that refuses a bot
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { createSandbox } from "@unseal/sealed-results/testing";
 * import assert from "node:assert/strict";
 *
 * const sandbox = createSandbox();
 * const unsealer = createUnsealer({ keys: sandbox.key, version: "v4" });
 *
 * const { sealedResult } = await sandbox.visit({ bot: "bad", country: "US" });
 * const event = await unsealer.unseal(sealedResult ?? "");
 * assert.equal(event.bot, "bad");
 * ```
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const own = checkSandboxOptions(options);
  const visitors = createVisitors(own.maxEvents);
  const events = new BoundedMap<SandboxEvent>(own.maxEvents);
  const webhooks = createWebhookSender(own);
  const draw = own.seed === undefined ? undefined : randomScenarios(own.seed);
  const queue: Scenario[] = [];
  let key = own.key;
  let usual = own.scenario;

  async function visit(
    scenario: Scenario,
    page: VisitRequest,
  ): Promise<{ event: SandboxEvent; token: string; delivery: Promise<void> }> {
    const { version = "v4", url = "https://example.com/login", ip = "192.0.2.17", userAgent = DEFAULT_BROWSER } = page;
    const timestamp = own.now() + (scenario.clockSkewMs ?? 0);
    const { token, visitorId, ...seen } = visitors.visit(page.visitorToken, timestamp);
    const facts = {
      ...seen,
      id: generateEventId(timestamp),
      timestamp,
      url: scenario.url ?? url,
      ip: scenario.ip ?? ip,
      userAgent,
      linkedId: page.linkedId,
      tag: page.tag ?? {},
      visitorId: scenario.visitorId ?? visitorId,
      visitorFound: seen.lastSeenAt !== undefined,
      sdkVersion: version === "v3" ? "3.12.15" : "4.1.5",
    };
    const [v3, v4] = [eventV3(facts, scenario), eventV4(facts, scenario)];
    const sealedResult = scenario.sealed === false ? null : await seal(version === "v3" ? v3 : v4, key);
    const event: SandboxEvent = { eventId: v4.event_id, version, sealedResult, v3, v4, scenario };
    events.set(event.eventId, event);
    own.onEvent(event);
    return { event, token, delivery: webhooks.send(event) };
  }

  const isWrongRegion = (url: URL): boolean =>
    own.region !== undefined && own.region !== (url.searchParams.get("region") ?? hostRegion(url.hostname));

  return {
    async handle(request, context) {
      const url = new URL(checkRequest(request).url);
      const isReading = request.method === "GET" || request.method === "HEAD";
      const script = isReading ? agentScript(url.pathname) : undefined;
      if (script !== undefined) return script;
      const parts = { secretKey: own.secretKey, events, visitors, isWrongRegion };
      return await answerEventsApi(request, url, parts) ?? await answerAgent(request, url, context, {
        options: own,
        isWrongRegion,
        choose: (fromPage) => queue.shift() ?? fromPage ?? draw?.() ?? usual,
        async visit(scenario, page) {
          const { delivery, ...visited } = await visit(scenario, page);
          keepAlive(context, delivery, rethrow);
          return visited;
        },
      });
    },
    visit: async (scenario = usual, page = {}) => (await visit(checkScenario(scenario), page)).event,
    next: (...scenarios) => void queue.push(...scenarios.map(checkScenario)),
    always(scenario) {
      usual = checkScenario(scenario);
    },
    rotateKey(next = generateSandboxKey()) {
      key = checkKey(next);
      return key;
    },
    get key() {
      return key;
    },
    publicKey: own.publicKey,
    secretKey: own.secretKey,
    proxySecret: own.proxySecret,
    webhookSecret: own.webhookSecret,
    events: () => events.values(),
    deliveries: webhooks.deliveries,
    redeliver: webhooks.redeliver,
    settled: webhooks.settled,
  };
}

const DEFAULT_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

function hostRegion(hostname: string): string {
  return /^(eu|ap)\./.exec(hostname)?.[1] ?? "us";
}
