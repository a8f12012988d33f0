/**
 * A server that stands in for the Events API. The requested id selects the response, which may be faulty.
 *
 * @see ../shared/facts/format.md, "Events API"
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { EventsApiErrorCode } from "../../../src/events-api/mod.ts";
import { listenLocally } from "../../support/local-server.ts";
import { until } from "./engine.ts";

export const SECRET_KEY = "SECRETkey0123456789";

/** The outcome of a call: an event, or an error with these properties. */
export type Outcome = "event" | {
  readonly code: EventsApiErrorCode;
  readonly serviceStatus?: number;
  readonly serviceCode?: string;
  readonly retryAfterMs?: number;
};

export interface Scenario {
  readonly id: string;
  readonly version: "v4" | "v3";
  readonly outcome: Outcome;
  /** The answer never ends; the client has to close the connection. */
  readonly isEndless?: boolean;
}

const status = (status: number, serviceCode?: string, retryAfterMs?: number): Outcome => ({
  code: "ERR_EVENTS_API_STATUS",
  serviceStatus: status,
  ...(serviceCode !== undefined && { serviceCode }),
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

const V4_FORBIDDEN = ["secret_api_key_required", "secret_api_key_not_found", "subscription_not_active", "wrong_region"]
  .concat("feature_not_enabled");
const V3_FORBIDDEN = ["TokenRequired", "TokenNotFound", "SubscriptionNotActive", "WrongRegion", "FeatureNotEnabled"];

export const SCENARIOS: readonly Scenario[] = [
  { id: "200", version: "v4", outcome: "event" },
  { id: "200", version: "v3", outcome: "event" },
  { id: "chunked", version: "v4", outcome: "event" },
  { id: "gzip", version: "v4", outcome: "event" },
  { id: "400-request_cannot_be_parsed", version: "v4", outcome: status(400, "request_cannot_be_parsed") },
  ...V4_FORBIDDEN.map((code): Scenario => ({ id: `403-${code}`, version: "v4", outcome: status(403, code) })),
  ...V3_FORBIDDEN.map((code): Scenario => ({ id: `403-${code}`, version: "v3", outcome: status(403, code) })),
  { id: "404-event_not_found", version: "v4", outcome: status(404, "event_not_found") },
  { id: "404-RequestNotFound", version: "v3", outcome: status(404, "RequestNotFound") },
  { id: "429-too_many_requests", version: "v4", outcome: status(429, "too_many_requests") },
  { id: "429-TooManyRequests-retry", version: "v3", outcome: status(429, "TooManyRequests", 7000) },
  { id: "500-failed", version: "v4", outcome: status(500, "failed") },
  { id: "503-html", version: "v4", outcome: status(503) },
  { id: "504-html", version: "v4", outcome: status(504) },
  { id: "redirect", version: "v4", outcome: status(302) },
  { id: "not-json", version: "v4", outcome: { code: "ERR_EVENTS_API_BODY" } },
  { id: "empty", version: "v4", outcome: { code: "ERR_EVENTS_API_BODY" } },
  { id: "gzip-bomb", version: "v4", outcome: { code: "ERR_EVENTS_API_TOO_LARGE" } },
  { id: "huge-declared", version: "v4", outcome: { code: "ERR_EVENTS_API_TOO_LARGE" }, isEndless: true },
  { id: "huge-chunked", version: "v4", outcome: { code: "ERR_EVENTS_API_TOO_LARGE" }, isEndless: true },
  { id: "slow-headers", version: "v4", outcome: { code: "ERR_EVENTS_API_TIMEOUT" }, isEndless: true },
  { id: "slow-body", version: "v4", outcome: { code: "ERR_EVENTS_API_TIMEOUT" }, isEndless: true },
  { id: "slow-error", version: "v4", outcome: { code: "ERR_EVENTS_API_TIMEOUT" }, isEndless: true },
  { id: "hang-up", version: "v4", outcome: { code: "ERR_EVENTS_API_NETWORK" } },
  { id: "cut-length", version: "v4", outcome: { code: "ERR_EVENTS_API_NETWORK" } },
  { id: "cut-chunked", version: "v4", outcome: { code: "ERR_EVENTS_API_NETWORK" } },
];

/** The event of an id. */
export function eventOf(id: string, version: "v4" | "v3"): unknown {
  return version === "v4"
    ? { event_id: id, timestamp: 1708102555327, identification: { visitor_id: "TaDnMBz9XCpZNuSzFUqP" } }
    : { products: { identification: { data: { requestId: id, timestamp: 1708102555327 } } } };
}

export interface EventsService {
  readonly url: string;
  /** The requested paths, in order. */
  readonly paths: readonly string[];
  /** Settles when the request for an id has arrived. */
  received(id: string): Promise<void>;
  /** Settles when the client has closed the connection during the answer for an id. */
  hungUp(id: string): Promise<void>;
  /**
   * Makes a call with longer and longer time limits, until its request has arrived before the limit passes. On a busy
   * machine a short limit passes before the request is sent, and then there is no connection to be closed.
   */
  overrun<Result>(id: string, call: (timeoutMs: number) => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
}

/** Starts the service on a free port of this machine. */
export async function startEventsService(): Promise<EventsService> {
  const paths: string[] = [];
  const arrived = new Set<string>();
  const closed = new Set<string>();
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    const [, version, id] = /^\/(?:(v4)\/)?events\/([^/?]+)$/.exec(request.url ?? "") ?? [];
    if (id === undefined) return void response.writeHead(200).end(JSON.stringify(eventOf("elsewhere", "v4")));
    arrived.add(id);
    response.once("close", () => closed.add(id));
    answer(request, response, decodeURIComponent(id), version === "v4" ? "v4" : "v3");
  });
  const { url, stop } = await listenLocally(server);
  return {
    url,
    paths,
    received: (id) => until(`the request for ${id} arrives`, () => arrived.has(id)),
    hungUp: (id) => until(`the client closes the connection for ${id}`, () => closed.has(id)),
    overrun: async (id, call) => {
      for (let timeoutMs = 200;; timeoutMs *= 2) {
        const result = await call(timeoutMs);
        if (arrived.has(id) || timeoutMs > 20_000) return result;
      }
    },
    stop,
  };
}

function answer(request: IncomingMessage, response: ServerResponse, id: string, version: "v4" | "v3"): void {
  const json = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
  const fault = (status: number, code: string, headers?: Record<string, string>): void =>
    json(status, { error: { code, message: `${code} for ${SECRET_KEY}` } }, headers);

  const given = version === "v4" ? request.headers.authorization : request.headers["auth-api-key"];
  if (given === undefined) return fault(403, version === "v4" ? "secret_api_key_required" : "TokenRequired");
  if (given !== (version === "v4" ? `Bearer ${SECRET_KEY}` : SECRET_KEY)) {
    return fault(403, version === "v4" ? "secret_api_key_not_found" : "TokenNotFound");
  }

  const text = JSON.stringify(eventOf(id, version));
  const [, code, serviceCode, retry] = /^([45]\d\d)-(\w+)(-retry)?$/.exec(id) ?? [];
  if (serviceCode === "html") {
    response.writeHead(Number(code), { "content-type": "text/html" }).end(`<html>${code} Bad gateway</html>`);
    return;
  }
  if (serviceCode !== undefined) return fault(Number(code), serviceCode, retry && { "retry-after": "7" } || undefined);
  switch (id) {
    case "chunked":
      for (const character of text) response.write(character);
      response.end();
      return;
    case "gzip":
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(text));
      return;
    case "gzip-bomb":
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(16 * 1024 * 1024, 0x20)));
      return;
    case "redirect":
      response.writeHead(302, { location: "/elsewhere" }).end();
      return;
    case "not-json":
      response.writeHead(200, { "content-type": "application/json" }).end("<html>not JSON</html>");
      return;
    case "empty":
      response.writeHead(200).end();
      return;
    case "huge-declared":
      response.writeHead(200, { "content-length": String(1024 ** 4) }).write(" ");
      return;
    case "huge-chunked":
      pour(response);
      return;
    case "slow-headers":
      return;
    case "slow-body":
      response.writeHead(200, { "content-type": "application/json" }).write(text.slice(0, 10));
      return;
    case "slow-error":
      response.writeHead(500, { "content-type": "application/json" }).write('{"error":');
      return;
    case "hang-up":
      request.socket.destroy();
      return;
    case "cut-length":
      response.writeHead(200, { "content-length": String(text.length + 1) });
      response.write(text, () => request.socket.end());
      return;
    case "cut-chunked":
      response.writeHead(200);
      response.write(text, () => request.socket.end());
      return;
    default:
      json(200, eventOf(id, version));
  }
}

/** Writes blanks until the client closes the connection. */
function pour(response: ServerResponse): void {
  const blanks = Buffer.alloc(64 * 1024, 0x20);
  const more = (): void => {
    while (!response.destroyed && response.write(blanks));
  };
  response.on("drain", more);
  response.writeHead(200);
  more();
}
