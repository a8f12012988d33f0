/**
 * An opener, and a client that reads its response.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type FingerprintEvent, UnsealError } from "../../mod.ts";
import {
  createResponseOpener,
  OpenClientResponseError,
  type ResponseErrorDetails,
  type ResponseEventDetails,
  type ResponseOpenerOptions,
} from "../../src/open-client-response/mod.ts";
import { toBase64 } from "../support/bytes.ts";
import { createTestUnsealer, key, sealEvent } from "../support/seal.ts";
import { testWith, webStreams } from "../support/web.ts";

export const test = testWith(webStreams);

export const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327, linked_id: "a private matter" };

export const SEALED = toBase64(sealEvent(EVENT, key(1)));

export const OPEN = JSON.stringify({ v: "2", requestId: EVENT.event_id, sealedResult: SEALED, products: {} });

export type Options = ResponseOpenerOptions<FingerprintEvent>;

/** What the application received for a response. */
interface Received {
  readonly events: FingerprintEvent[];
  readonly details: ResponseEventDetails[];
  readonly errors: unknown[];
  readonly errorDetails: ResponseErrorDetails[];
}

interface Forwarded extends Received {
  readonly response: Response;
  /** Settles when the work that runs in parallel to the response is done. */
  readonly work: Promise<unknown>;
}

export const REQUEST = "Request" in globalThis
  ? new Request("https://www.site.test/", { method: "POST", body: "x" })
  : undefined;

export async function forward(
  upstream: Response | Promise<Response>,
  options: Partial<Options> = {},
): Promise<Forwarded> {
  const received: Received = { events: [], details: [], errors: [], errorDetails: [] };
  const open = createResponseOpener({
    unsealer: createTestUnsealer({ keys: { id: "test", key: key(1) } }),
    ...(options.onBytes === undefined && {
      onEvent: (event, given) => void (received.events.push(event), received.details.push(given)),
    }),
    onError: (error, given) => void (received.errors.push(error), received.errorDetails.push(given)),
    ...options,
  });
  const works: Promise<unknown>[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => works.push(promise) };
  const response = await open(upstream, REQUEST!, context); // a test()
  assert.equal(works.length, 1);
  return { response, ...received, work: works[0]! }; // length is 1
}

/** The same, when the client has read the whole response and the parallel work is done. */
export async function forwardAll(
  upstream: Response,
  options?: Partial<Options>,
): Promise<Received & { bytes: Uint8Array }> {
  const { response, work, ...received } = await forward(upstream, options);
  const bytes = new Uint8Array(await response.arrayBuffer());
  await work;
  return { ...received, bytes };
}

export function codes(errors: readonly unknown[]): (string | undefined)[] {
  return errors.map((error) => {
    assert.ok(error instanceof OpenClientResponseError || error instanceof UnsealError, String(error));
    return error.code;
  });
}
