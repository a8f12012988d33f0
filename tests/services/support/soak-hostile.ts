/**
 * The hostile requests of the soak test.
 *
 * @module
 */

import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { PLATFORM_HEADERS } from "./raw-request.ts";

/** Sends one hostile request, and returns when the connection is closed. */
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

const withHow = (url: URL, how: string): URL => new URL(`${url.href}&how=${how}`);

async function readThrough(url: URL, how: string): Promise<void> {
  try {
    await (await fetch(withHow(url, how), { method: "POST", body: "x", headers: PLATFORM_HEADERS })).arrayBuffer();
  } catch {
    // The response may break off, on Bun before its headers.
  }
}

/** What a client can do to any server. */
const CONNECTIONS = {
  "reset within the request": (url) =>
    converse(url, "content-length: 1000\r\n", async (send, reset) => {
      await send("x".repeat(100));
      await delay(10);
      reset();
    }),
  "slow body": (url) =>
    converse(url, "content-length: 20\r\n", async (send) => {
      for (let piece = 0; piece < 10; piece++) {
        await send("xx");
        await delay(10);
      }
    }),
  "endless body": (url) =>
    converse(url, "transfer-encoding: chunked\r\n", async (send, reset, received) => {
      let isAnswered = false;
      void received.then(() => isAnswered = true);
      const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
      while (!isAnswered && await send(chunk)) await delay(1);
      reset();
    }),
} satisfies Readonly<Record<string, Hostility>>;

/** What reaches the proxy, by its kind. */
export const HOSTILE_TO_PROXY: Readonly<Record<string, Hostility>> = {
  ...CONNECTIONS,
  "reset before the upstream's headers": (url) =>
    converse(withHow(url, "late"), "content-length: 1\r\n", async (send, reset) => {
      await send("x");
      await delay(25);
      reset();
    }),
  "reset after the first byte": (url) =>
    converse(withHow(url, "halves"), "content-length: 1\r\n", async (send, reset, received) => {
      await send("x");
      await received;
      reset();
    }),
  "upstream's body is not JSON": (url) => readThrough(url, "not-json"),
  "upstream has another key": (url) => readThrough(url, "foreign"),
  "upstream cuts its response": (url) => readThrough(url, "cut"),
  "upstream closes the connection": (url) => readThrough(url, "refused"),
  "upstream's body is too large": (url) => readThrough(url, "large"),
};

/** The error that each kind of hostile request to the proxy must cause, once. */
export const PROXY_ERRORS: Readonly<Record<string, string>> = {
  "endless body": "ERR_PROXY_TOO_LARGE",
  "upstream's body is not JSON": "ERR_RESPONSE_JSON",
  "upstream has another key": "ERR_NO_KEY_FITS",
  "upstream cuts its response": "ERR_RESPONSE_CUT",
  "upstream's body is too large": "ERR_RESPONSE_TOO_LARGE",
};

/** Connections to the endpoint; what it must answer bodies with is `REFUSED_BODIES`. */
export const HOSTILE_TO_ENDPOINT: Readonly<Record<string, Hostility>> = CONNECTIONS;

/** What the endpoint is posted, made from a sealed result that was used before, and the status that it must answer. */
export const REFUSED_BODIES: Readonly<Record<string, readonly [(used: string) => string, number]>> = {
  "used before": [(used) => used, 409],
  "a changed byte": [(used) => used.slice(0, -8) + (used.at(-8) === "A" ? "B" : "A") + used.slice(-7), 403],
  "cut": [(used) => used.slice(0, 20), 400],
  "another header": [(used) => `A${used.slice(1)}`, 400],
  "not base64": [(used) => `${used.slice(0, 100)}!${used.slice(100)}`, 400],
  "empty": [() => "", 400],
  "broken JSON": [(used) => `{"sealedResult":"${used}`, 400],
};
