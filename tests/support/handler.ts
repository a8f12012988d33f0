/**
 * A handler of sealed results, and requests to it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { FingerprintEvent } from "../../mod.ts";
import { summarize } from "../../src/event/mod.ts";
import { createSealedResultHandler, type SealedResultHandlerOptions } from "../../src/handler/mod.ts";
import type { LooseHandlerOptions } from "../../src/handler/options.ts";
import { toBase64 } from "./bytes.ts";
import { createTestUnsealer, key, sealEvent } from "./seal.ts";

export const EVENT: { readonly event_id: string; readonly timestamp: number; readonly linked_id: string } = {
  event_id: "1708102555327.NLOjmg",
  timestamp: 1708102555327,
  linked_id: "a private matter",
};
export const SEALED = sealEvent(EVENT, key(1));
export const SEALED_TEXT = toBase64(SEALED);

/** The options of a handler of events. */
export type Options = LooseHandlerOptions<FingerprintEvent, unknown>;

/** A handler that opens {@linkcode SEALED}, any number of times, and answers with its id, key and source. */
export function handler(options: Partial<Options> = {}): (request: Request) => Promise<Response> {
  return createSealedResultHandler({
    unsealer: createTestUnsealer({ keys: [{ id: "old", key: key(2) }, { id: "new", key: key(1) }] }),
    replay: "none",
    onEvent: (event, { keyId, source }) => Response.json({ id: summarize(event).id, keyId, source }),
    ...options,
  } as SealedResultHandlerOptions<FingerprintEvent>); // some tests give options that do not belong together
}

/** A POST request with a body, without a content type unless one is given. */
export function post(
  body: string | Uint8Array,
  contentType?: string,
  headers: Readonly<Record<string, string>> = {},
): Request {
  const request = new Request("https://example.com/sealed", {
    method: "POST",
    body: body as Uint8Array<ArrayBuffer>, // never shared memory in these tests
    headers: contentType === undefined ? headers : { "content-type": contentType, ...headers },
  });
  if (contentType === undefined) request.headers.delete("content-type");
  return request;
}

export const postJson = (content: unknown): Request => post(JSON.stringify(content), "application/json");

/** Asserts that a response is a problem with only this code and status; returns it. */
export async function assertProblem(response: Response, status: number, code: string): Promise<{ detail: string }> {
  const text = await response.text();
  const problem = JSON.parse(text) as Record<string, unknown> & { detail: string };
  assert.equal(problem.code, code, text);
  assert.equal(response.status, status, text);
  assert.deepEqual(Object.keys(problem), ["type", "title", "status", "code", "detail"]);
  assert.equal(problem.type, "about:blank");
  assert.equal(problem.status, status);
  assert.equal(typeof problem.title, "string");
  assert.equal(typeof problem.detail, "string");
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  return problem;
}
