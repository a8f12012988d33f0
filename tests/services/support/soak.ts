/**
 * A soak test of the proxy: many requests at once, one in ten hostile, and a count of the events that arrive.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { PLATFORM_HEADERS } from "./raw-request.ts";
import { type RunningServer, type Runtime, startScript, startServer } from "./servers.ts";
import { until } from "./engine.ts";

export interface SoakOptions {
  /** Requests before memory is measured for the first time. */
  readonly warmUp: number;
  readonly requests: number;
  readonly atOnce: number;
}

export interface SoakResult {
  readonly events: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly hostile: Readonly<Record<string, number>>;
  readonly residentMegabytesBefore: number;
  readonly residentMegabytesAfter: number;
  readonly seconds: number;
}

type Hostility = (url: URL) => Promise<void>;

/** Opens a connection, sends the start of a request, and lets `run` send the rest or reset the connection. */
function converse(
  url: URL,
  head: string,
  run: (send: (text: string) => Promise<boolean>, reset: () => void, received: Promise<void>) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), "127.0.0.1");
    const received = new Promise<void>((resolve) => {
      socket.once("data", () => resolve());
      socket.once("close", () => resolve());
    });
    socket.on("data", () => {});
    socket.on("error", () => {}); // "close" follows
    socket.once("close", () => resolve());
    const send = (text: string): Promise<boolean> =>
      new Promise((sent) => {
        if (socket.destroyed) return sent(false);
        socket.write(text, (error) => sent(error === undefined || error === null));
      });
    const headers = Object.entries({ host: "localhost", connection: "close", ...PLATFORM_HEADERS })
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.once("connect", () => {
      send(`POST ${url.pathname}${url.search} HTTP/1.1\r\n${headers}${head}\r\n`)
        .then(() => run(send, () => socket.resetAndDestroy(), received)).catch(reject);
    });
  });
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const withHow = (url: URL, how: string): URL => new URL(`${url.href}&how=${how}`);

async function readThrough(url: URL, how: string): Promise<void> {
  try {
    await (await fetch(withHow(url, how), { method: "POST", body: "x", headers: PLATFORM_HEADERS })).arrayBuffer();
  } catch {
    // The response may break off, on Bun before its headers.
  }
}

const HOSTILE: Readonly<Record<string, Hostility>> = {
  "reset before the upstream's headers": (url) =>
    converse(withHow(url, "late"), "content-length: 1\r\n", async (send, reset) => {
      await send("x");
      await sleep(25);
      reset();
    }),
  "reset after the first byte": (url) =>
    converse(withHow(url, "halves"), "content-length: 1\r\n", async (send, reset, received) => {
      await send("x");
      await received;
      reset();
    }),
  "reset within the request": (url) =>
    converse(url, "content-length: 1000\r\n", async (send, reset) => {
      await send("x".repeat(100));
      await sleep(10);
      reset();
    }),
  "slow body": (url) =>
    converse(url, "content-length: 20\r\n", async (send) => {
      for (let piece = 0; piece < 10; piece++) {
        await send("xx");
        await sleep(10);
      }
    }),
  "endless body": (url) =>
    converse(url, "transfer-encoding: chunked\r\n", async (send, reset, received) => {
      let isAnswered = false;
      void received.then(() => isAnswered = true);
      const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
      while (!isAnswered && await send(chunk)) await sleep(1);
      reset();
    }),
  "upstream's body is not JSON": (url) => readThrough(url, "not-json"),
  "upstream has another key": (url) => readThrough(url, "foreign"),
  "upstream cuts its response": (url) => readThrough(url, "cut"),
  "upstream closes the connection": (url) => readThrough(url, "refused"),
  "upstream's body is too large": (url) => readThrough(url, "large"),
};

/** The error that each kind of hostile request must cause, once. */
const ERRORS: Readonly<Record<string, string>> = {
  "endless body": "ERR_PROXY_TOO_LARGE",
  "upstream's body is not JSON": "ERR_RESPONSE_JSON",
  "upstream has another key": "ERR_NO_KEY_FITS",
  "upstream cuts its response": "ERR_RESPONSE_CUT",
  "upstream's body is too large": "ERR_RESPONSE_TOO_LARGE",
};

/** Runs the soak on one runtime. It fails when an event is lost or doubled. */
export async function soak(runtime: Runtime, options: SoakOptions): Promise<SoakResult> {
  const upstream = await startScript("tests/services/support/soak-upstream.ts");
  try {
    const env = { UPSTREAM: upstream.url };
    const proxy = await startServer(runtime, "tests/services/support/soak-app.ts", { env });
    try {
      if (options.warmUp > 0) await load(proxy, upstream, "w", options.warmUp, options.atOnce);
      const before = proxy.residentBytes();
      const startedAt = Date.now();
      const counts = await load(proxy, upstream, "r", options.requests, options.atOnce);
      const seconds = (Date.now() - startedAt) / 1000;
      assert.ok(!proxy.printed().includes("UNHANDLED"), proxy.printed());
      return {
        ...counts,
        residentMegabytesBefore: megabytes(before),
        residentMegabytesAfter: megabytes(proxy.residentBytes()),
        seconds,
      };
    } finally {
      await proxy.stop();
    }
  } finally {
    await upstream.stop();
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** Sends requests, and compares the events that the upstream has sent in full with those that have arrived. */
async function load(
  proxy: RunningServer,
  upstream: RunningServer,
  prefix: string,
  count: number,
  atOnce: number,
): Promise<Pick<SoakResult, "events" | "errors" | "hostile">> {
  const hostile: Record<string, number> = {};
  const kinds = Object.entries(HOSTILE);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const url = new URL(`${proxy.url}/metrics/?id=${prefix}${index}`);
      if (index % 10 === 9) {
        const [name, attack] = kinds[Math.floor(index / 10) % kinds.length]!; // The index is in range.
        hostile[name] = (hostile[name] ?? 0) + 1;
        await attack(url);
      } else {
        const response = await fetch(url, { method: "POST", body: "x", headers: PLATFORM_HEADERS });
        assert.equal(response.status, 200);
        assert.equal((await response.json() as { event_id: string }).event_id, `${prefix}${index}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));

  const sent: string[] = [];
  const events: string[] = [];
  const errors: Record<string, number> = {};
  const expectedErrors = sum(Object.keys(ERRORS).map((name) => hostile[name] ?? 0));
  await until("every event has arrived", async () => {
    sent.push(...await getJson<string[]>(`${upstream.url}/sent`));
    const report = await getJson<{ events: string[]; errors: Record<string, number> }>(`${proxy.url}/report`);
    events.push(...report.events);
    for (const [code, count] of Object.entries(report.errors)) errors[code] = (errors[code] ?? 0) + count;
    // An event may arrive after the upstream has been asked, and before the proxy is.
    return events.length === sent.length && sum(Object.values(errors)) >= expectedErrors;
  }).catch(() => {}); // The comparison shows which are missing or doubled.
  assert.ok(sent.length >= count * 0.9, `${sent.length} of ${count}`);
  assert.deepEqual(events.sort(), sent.sort());
  for (const [name, code] of Object.entries(ERRORS)) assert.equal(errors[code] ?? 0, hostile[name] ?? 0, code);
  return { events: events.length, errors, hostile };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

async function getJson<Value>(url: string): Promise<Value> {
  return await (await fetch(url)).json() as Value;
}
