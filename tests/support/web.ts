/**
 * Requests, responses and streams, for tests that also run on runtimes without them.
 *
 * @module
 */

import { test } from "node:test";
import type { BodySource } from "../../src/http/body.ts";
import type { Skipped } from "./absence.ts";

/** `test()` with the same options for several tests, such as {@linkcode webStreams}. */
export const testWith = (options: Skipped) => (name: string, body: () => void | Promise<void>): void =>
  void test(name, options, body);

/** The options of a test that needs these globals: it is skipped on a runtime without one of them. */
export function needsGlobals(...names: readonly string[]): Skipped {
  const missing = names.find((name) => !(name in globalThis));
  return missing === undefined ? {} : { skip: `this runtime has no ${missing}` };
}

/** The options of a test that uses `Request`, `Response` or streams. */
export const webStreams: Skipped = needsGlobals("Request", "Response", "Headers", "ReadableStream", "setTimeout");

/** The options of a test that uses the body stream of a `Request`, which Firefox has not. */
export const requestStreams: Skipped = "skip" in webStreams || "body" in Request.prototype
  ? webStreams
  : { skip: "this runtime's Request has no stream for a body" };

/** The options of a test that needs requests with the headers of a client. A browser's have no cookies. */
export const serverRequests: Skipped =
  "skip" in requestStreams || new Request("https://a.test", { headers: { cookie: "a" } }).headers.has("cookie")
    ? requestStreams
    : { skip: "this runtime's Request cannot have the headers of a client" };

/** `test()` by what a test needs: nothing, a `URL`, streams, requests that have one, or requests as a server gets them. */
export const portable = {
  any: test,
  urls: testWith(needsGlobals("URL")),
  web: testWith(webStreams),
  requests: testWith(requestStreams),
  servers: testWith(serverRequests),
};

/** A promise, and the function that resolves it. */
export function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => resolve = settle);
  return { promise, resolve };
}

/** A stream of these chunks, each enqueued when it is pulled. */
export function streamOf<Chunk>(chunks: readonly Chunk[]): ReadableStream<Chunk> {
  let next = 0;
  return new ReadableStream<Chunk>({
    pull: (controller) => {
      if (next === chunks.length) controller.close();
      else controller.enqueue(chunks[next++]!); // next < chunks.length
    },
  });
}

/** An object with a body, like a request or a response. */
export function source(body: ReadableStream<Uint8Array>, headers: Readonly<Record<string, string>> = {}): BodySource {
  return { body, headers: new Headers(headers) };
}

/**
 * Waits until `condition` holds, for work without a promise that the test could await. Fails after some seconds, so that
 * broken code fails its test instead of hanging it.
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 3_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Condition did not hold in time: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
