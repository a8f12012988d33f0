/** The fallback, which fetches an event by its id. An id proves nothing about its sender. */

import assert from "node:assert/strict";
import type { RequestClaims } from "../../src/handler/mod.ts";
import { createReplayGuard, memoryStore } from "../../src/replay/mod.ts";
import { assertProblem, EVENT, handler, post, postJson, SEALED_TEXT } from "../support/handler.ts";
import { requestStreams, testWith } from "../support/web.ts";

const test = testWith(requestStreams);

const NOW = EVENT.timestamp;

test("createSealedResultHandler() fetches the event by its id when the request has no sealed result", async () => {
  const asked: string[] = [];
  const checks: unknown[] = [];
  const handle = handler({
    fallback: {
      getEvent: (id) => {
        asked.push(id);
        return Promise.resolve({ ...EVENT, event_id: id });
      },
    },
    replay: { check: (event, claims) => Promise.resolve(checks.push([event, { ...claims }])) },
    claims: () => ({ ip: "192.0.2.1" }),
  });
  const posts = [{ requestId: "1.a" }, { sealed_result: null, event_id: "1.b" }, { eventId: "1.c", requestId: "1.c" }];
  for (const content of posts) {
    const id = Object.values(content).at(-1);
    const response = await handle(postJson(content));
    assert.deepEqual(JSON.parse(await response.text()), { id, source: "events-api" });
  }
  assert.deepEqual(asked, ["1.a", "1.b", "1.c"]);
  assert.deepEqual(checks, asked.map((id) => [{ ...EVENT, event_id: id }, { ip: "192.0.2.1", id }]));
  // A sealed result that cannot be opened is refused: only a missing one is fetched.
  await assertProblem(await handle(postJson({ sealedResult: "AAAA", requestId: "1.c" })), 400, "ERR_SEALED_TOO_SHORT");
  await assertProblem(await handle(postJson({ sealedResult: null, requestId: "" })), 400, "ERR_REQUEST_EMPTY");
  assert.equal(asked.length, 3);
});

test("createSealedResultHandler() answers each failure of the fallback with a status of its own", async () => {
  const cases: [unknown, number, string][] = [
    [{ code: "ERR_EVENTS_API_STATUS", serviceStatus: 404 }, 404, "ERR_FALLBACK_NOT_FOUND"],
    [{ code: "ERR_EVENTS_API_STATUS", serviceStatus: 400 }, 404, "ERR_FALLBACK_NOT_FOUND"],
    [{ code: "ERR_EVENTS_API_REQUEST" }, 404, "ERR_FALLBACK_NOT_FOUND"],
    [{ code: "ERR_EVENTS_API_STATUS", serviceStatus: 429 }, 503, "ERR_FALLBACK_BUSY"],
    [{ code: "ERR_EVENTS_API_STATUS", serviceStatus: 503 }, 503, "ERR_FALLBACK_BUSY"],
    [{ code: "ERR_EVENTS_API_STATUS", serviceStatus: 504 }, 504, "ERR_FALLBACK_TIMEOUT"],
    [{ code: "ERR_EVENTS_API_TIMEOUT" }, 504, "ERR_FALLBACK_TIMEOUT"],
    [
      { code: "ERR_EVENTS_API_STATUS", serviceStatus: 403, serviceCode: "secret_api_key_not_found" },
      502,
      "ERR_FALLBACK",
    ],
    [{ code: "ERR_EVENTS_API_NETWORK" }, 502, "ERR_FALLBACK"],
    [new TypeError("fetch failed"), 502, "ERR_FALLBACK"],
    [undefined, 502, "ERR_FALLBACK"],
    [{ code: Symbol("code") }, 502, "ERR_FALLBACK"],
    [{ code: "toString" }, 502, "ERR_FALLBACK"],
  ];
  for (const [error, status, code] of cases) {
    const handle = handler({ fallback: { getEvent: () => Promise.reject(error) }, dangerouslyTrustPostedIds: true });
    await assertProblem(await handle(postJson({ event_id: EVENT.event_id })), status, code);
  }
});

test("createSealedResultHandler() passes on how long the Events API asks to wait", async () => {
  const cases: [unknown, string | null][] = [
    [0, "0"],
    [1, "1"],
    [1500, "2"],
    [60_000, "60"],
    [1e300, "86400"],
    [Infinity, "86400"],
    ...[undefined, null, NaN, -1, "5", {}].map((retryAfterMs): [unknown, null] => [retryAfterMs, null]),
  ];
  for (const [retryAfterMs, header] of cases) {
    for (const status of [429, 503]) {
      const getEvent = () => Promise.reject({ code: "ERR_EVENTS_API_STATUS", serviceStatus: status, retryAfterMs });
      const seen: unknown[] = [];
      const onError = (error: { retryAfterMs?: number }) => seen.push(error.retryAfterMs);
      const handle = handler({ fallback: { getEvent }, dangerouslyTrustPostedIds: true, onError });
      const response = await handle(postJson({ eventId: "1.a" }));
      assert.equal(response.headers.get("retry-after"), header);
      assert.equal(seen[0] === undefined, header === null);
      await assertProblem(response, 503, "ERR_FALLBACK_BUSY");
    }
  }
  const notBusy = { fallback: { getEvent: () => Promise.reject({ status: 500, retryAfterMs: 1000 }) } };
  const response = await handler({ ...notBusy, dangerouslyTrustPostedIds: true })(postJson({ eventId: "1.a" }));
  assert.equal(response.headers.get("retry-after"), null);
});

test("createSealedResultHandler() refuses an event of the fallback that has another id", async () => {
  for (const event of [EVENT, {}, { products: {} }, null, undefined, "text", { event_id: ["1.a"] }]) {
    const handle = handler({
      fallback: { getEvent: () => Promise.resolve(event as typeof EVENT) },
      dangerouslyTrustPostedIds: true,
    });
    await assertProblem(await handle(postJson({ eventId: "1.a" })), 502, "ERR_FALLBACK");
  }
});

test("createSealedResultHandler() calls the fallback only for a request whose claims have an ip", async () => {
  const unproven: RequestClaims[] = [
    ...[{}, { ip: undefined }, { ip: null }, { origin: "https://example.com" }, { linkedId: "session" }],
    ...[{ ip: 7 as unknown as string }, { ip: ["192.0.2.1"] as unknown as string }],
  ];
  const options = {
    fallback: { getEvent: (): never => assert.fail("the fallback was called") },
    replay: { check: (): never => assert.fail("the event was checked") },
    onEvent: (): never => assert.fail("the application got the event"),
  };
  for (const claims of unproven) {
    const handle = handler({ ...options, claims: () => claims });
    await assertProblem(await handle(postJson({ eventId: EVENT.event_id })), 403, "ERR_FALLBACK_CLAIMS");
  }
});

test("createSealedResultHandler() with a guard refuses a posted id of another visitor's event, and does not use the event up", async () => {
  const event = { ...EVENT, ip_address: "192.0.2.1" };
  const handle = handler({
    unsealer: { open: () => Promise.resolve({ event, keyId: "k", bytes: new Uint8Array(0) }) },
    fallback: { getEvent: () => Promise.resolve(event) },
    replay: createReplayGuard({ store: memoryStore({ now: () => NOW }), now: () => NOW }),
    claims: (request) => ({ ip: request.headers.get("x-real-ip") }),
  });
  const from = (ip: string, content: unknown): Request =>
    post(JSON.stringify(content), "application/json", { "x-real-ip": ip });
  await assertProblem(await handle(from("203.0.113.9", { eventId: EVENT.event_id })), 403, "ERR_REPLAY_MISMATCH");
  assert.equal((await handle(from("192.0.2.1", { sealedResult: SEALED_TEXT }))).status, 200);
  await assertProblem(await handle(from("192.0.2.1", { eventId: EVENT.event_id })), 409, "ERR_REPLAY_SEEN");
});
