/**
 * A client of the Events API without a network, and checks of its errors.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  createEventsClient,
  EventsApiError,
  type EventsApiErrorCode,
  type EventsClient,
  type EventsClientOptions,
} from "../../src/events-api/mod.ts";
import { needsGlobals } from "../support/web.ts";

export const SECRET = "SECRETkey0123456789";

export const ID = "1708102555327.NLOjmg";

export const V4 = { event_id: ID, timestamp: 1708102555327, bot: "bad" };

export const V3 = { products: { identification: { data: { requestId: ID, timestamp: 1708102555327 } } } };

export const skipped = needsGlobals("Response");

export interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A client whose `fetch` returns `answer`, and the requests that it has sent. */
export function clientFor<Version extends "v4" | "v3" = "v4">(
  answer: (url: string) => Response | Promise<Response>,
  options: Partial<EventsClientOptions<Version>> = {},
) {
  const sent: Sent[] = [];
  const client: EventsClient = createEventsClient({
    secretKey: SECRET,
    fetch: async (url, init) => {
      sent.push({ url, init });
      return await answer(url);
    },
    retryForMs: 0,
    ...options,
  });
  return { client, sent };
}

export function refusal(code: EventsApiErrorCode, more: Partial<EventsApiError> = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof EventsApiError, String(error));
    const { serviceStatus, serviceCode, retryAfterMs } = error;
    const expected = { serviceStatus: undefined, serviceCode: undefined, retryAfterMs: undefined, ...more };
    assert.deepEqual({ code: error.code, serviceStatus, serviceCode, retryAfterMs }, { code, ...expected });
    assert.equal(error.cause, undefined);
    assertSecretless(error);
    return true;
  };
}

/** Asserts that no property of an error, which a log could print, contains the key or the URL. */
export function assertSecretless(error: Error): void {
  const own = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
  for (const text of [JSON.stringify(error), String(error), ...own]) {
    assert.ok(!text.includes(SECRET) && !text.includes("fpjs.io"), text);
  }
}

/** Answers any v4 request with the event of its id. */
export function answerEvent(url: string): Response {
  const [, , , id = ""] = new URL(url).pathname.split("/");
  return Response.json({ ...V4, event_id: decodeURIComponent(id) });
}
