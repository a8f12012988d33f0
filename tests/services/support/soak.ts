/**
 * A soak test of the proxy and the endpoint: many requests at once, one in ten hostile, with a count of the events that
 * arrive.
 *
 * @module
 */

import assert from "node:assert/strict";
import { until } from "./engine.ts";
import { sealWithNode } from "./node-seal.ts";
import { PLATFORM_HEADERS } from "./raw-request.ts";
import { type RunningServer, type Runtime, startScript, startServer } from "./servers.ts";
import { HOSTILE_TO_ENDPOINT, HOSTILE_TO_PROXY, PROXY_ERRORS, REFUSED_BODIES } from "./soak-hostile.ts";

export interface Round {
  /** Requests to the proxy, and as many to the endpoint. */
  readonly requests: number;
  readonly atOnce: number;
}

export interface RoundResult {
  /** The events of the proxy's requests: none is lost or doubled. */
  readonly events: number;
  readonly errors: Readonly<Record<string, number>>;
  /** The hostile requests to both, by their kind. */
  readonly hostile: Readonly<Record<string, number>>;
  /** Honest requests that were sent again, on another connection. */
  readonly resent: number;
  /** Of each honest request, to the proxy and to the endpoint. */
  readonly milliseconds: { readonly proxy: readonly number[]; readonly endpoint: readonly number[] };
}

export interface Soak {
  /** Sends the requests. It rejects when an event is lost or doubled, or when a status is wrong. */
  run(round: Round): Promise<RoundResult>;
  residentBytes(): number;
  openFiles(): number;
  stop(): Promise<void>;
}

/**
 * `fetch`, on another connection if the server closes the kept one at the moment of the request, which any server may
 * (RFC 9112 §9.3.1) and does after five idle seconds. Had it read the request before, its event would be doubled or
 * refused as used.
 */
type Send = (url: URL, init: RequestInit) => Promise<Response>;
const CLOSED: ReadonlySet<string> = new Set(["UND_ERR_SOCKET", "ECONNRESET"]);
/** On a busy machine, the client may find several of its kept connections closed at once. */
const MAX_ATTEMPTS = 10;

/** Starts the application on a runtime. */
export async function startSoak(runtime: Runtime): Promise<Soak> {
  const upstream = await startScript("tests/services/support/soak-upstream.ts");
  const app = await startServer(runtime, "tests/services/support/soak-app.ts", { env: { UPSTREAM: upstream.url } })
    .catch(async (error: unknown) => {
      await upstream.stop();
      throw error;
    });
  let [rounds, resent] = [0, 0];
  const send: Send = async (url, init) => {
    for (let attempts = 1;; attempts++) {
      try {
        return await fetch(url, init);
      } catch (error) {
        const { code = "none" } = (error as { cause?: { code?: string } }).cause ?? {};
        if (!CLOSED.has(code) || attempts === MAX_ATTEMPTS) throw error;
        resent++;
      }
    }
  };
  return {
    async run(round) {
      const prefix = `${runtime}-${rounds++}-`;
      const hostile: Record<string, number> = {};
      const count = (name: string): void => void (hostile[name] = (hostile[name] ?? 0) + 1);
      resent = 0;
      const [proxy, endpoint] = await Promise.all([
        loadProxy(app, upstream, prefix, round, count, send),
        loadEndpoint(app, prefix, round, count, send),
      ]);
      assert.ok(!app.printed().includes("UNHANDLED"), app.printed());
      const { milliseconds, ...counts } = proxy;
      return { ...counts, hostile, resent, milliseconds: { proxy: milliseconds, endpoint } };
    },
    residentBytes: app.residentBytes,
    openFiles: app.openFiles,
    async stop() {
      await app.stop();
      await upstream.stop();
    },
  };
}

/** Runs `send` for each number below `requests`, `atOnce` at a time. */
async function repeat({ requests, atOnce }: Round, send: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < requests) await send(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Every tenth request is hostile; the kinds take turns. */
function turnOf<Kind>(kinds: readonly Kind[], index: number): Kind | undefined {
  return index % 10 === 9 ? kinds[Math.floor(index / 10) % kinds.length] : undefined;
}

/** Sends requests, and compares the events that the upstream has sent in full with those that have arrived. */
async function loadProxy(
  app: RunningServer,
  upstream: RunningServer,
  prefix: string,
  round: Round,
  count: (name: string) => void,
  send: Send,
) {
  const milliseconds: number[] = [];
  const expected: Record<string, number> = {};
  await repeat(round, async (index) => {
    const url = new URL(`${app.url}/metrics/?id=${prefix}${index}`);
    const turn = turnOf(Object.entries(HOSTILE_TO_PROXY), index);
    if (turn !== undefined) {
      const [name, attack] = turn;
      count(name);
      const code = PROXY_ERRORS[name];
      if (code !== undefined) expected[code] = (expected[code] ?? 0) + 1;
      return await attack(url);
    }
    const startedAt = performance.now();
    const response = await send(url, { method: "POST", body: "x", headers: PLATFORM_HEADERS });
    const { event_id } = await response.json() as { event_id: string };
    milliseconds.push(performance.now() - startedAt);
    assert.deepEqual([response.status, event_id], [200, `${prefix}${index}`]);
  });

  const sent: string[] = [];
  const events: string[] = [];
  const errors: Record<string, number> = {};
  await until("every event has arrived", async () => {
    sent.push(...await getJson<string[]>(`${upstream.url}/sent`));
    const report = await getJson<{ events: string[]; errors: Record<string, number> }>(`${app.url}/report`);
    events.push(...report.events);
    for (const [code, count] of Object.entries(report.errors)) errors[code] = (errors[code] ?? 0) + count;
    // An event may arrive after the upstream has been asked, and before the proxy is.
    return events.length === sent.length &&
      Object.entries(expected).every(([code, count]) => (errors[code] ?? 0) >= count);
  }).catch(() => {}); // The comparison shows which are missing or doubled.
  assert.ok(sent.length >= round.requests * 0.9, `${sent.length} of ${round.requests}`);
  assert.deepEqual(events.sort(), sent.sort());
  for (const code of Object.values(PROXY_ERRORS)) {
    assert.equal(errors[code] ?? 0, expected[code] ?? 0, `${code} of ${JSON.stringify(errors)}`);
  }
  return { events: events.length, errors, milliseconds };
}

/** Posts sealed results, each once, and what must be refused. */
async function loadEndpoint(
  app: RunningServer,
  prefix: string,
  round: Round,
  count: (name: string) => void,
  send: Send,
): Promise<number[]> {
  const url = new URL(`${app.url}/login`);
  const rawKey = new Uint8Array(32).fill(1);
  const milliseconds: number[] = [];
  const kinds = [...Object.entries(HOSTILE_TO_ENDPOINT), ...Object.entries(REFUSED_BODIES)];
  let used: string | undefined;
  const post = async (body: string): Promise<{ status: number; event_id?: string }> => {
    const response = await send(url, { method: "POST", body });
    return { ...await response.json() as object, status: response.status };
  };
  await repeat(round, async (index) => {
    const [name, how] = turnOf(kinds, index) ?? [];
    if (typeof how === "function") {
      count(name!);
      await how(url);
    } else if (how !== undefined && used !== undefined) {
      count(name!);
      const [make, status] = how;
      assert.equal((await post(make(used))).status, status, name);
    } else {
      const event_id = `${prefix}${index}`;
      const sealed = sealWithNode(JSON.stringify({ event_id, timestamp: Date.now() }), rawKey);
      const startedAt = performance.now();
      const answer = await post(sealed);
      milliseconds.push(performance.now() - startedAt);
      assert.deepEqual([answer.status, answer.event_id], [200, event_id]);
      used = sealed;
    }
  });
  return milliseconds;
}

async function getJson<Value>(url: string): Promise<Value> {
  return await (await fetch(url)).json() as Value;
}
