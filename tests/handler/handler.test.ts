/** The handler and the application: results, functions and options. */

import assert from "node:assert/strict";
import { createSealedResultHandler, type VerifyError } from "../../src/handler/mod.ts";
import {
  assertProblem,
  EVENT,
  handler,
  type Options,
  post,
  postJson,
  SEALED,
  SEALED_TEXT,
} from "../support/handler.ts";
import { memoryStore } from "../../src/replay/mod.ts";
import { createTestUnsealer, key } from "../support/seal.ts";
import { requestStreams, streamOf, testWith } from "../support/web.ts";

const test = testWith(requestStreams);

test("createSealedResultHandler() opens a sealed result in each of its forms", async () => {
  const handle = handler();
  const forms: Record<string, () => Request> = {
    "text as fetch() sends it": () => new Request("https://example.com/", { method: "POST", body: SEALED_TEXT }),
    "text without a type": () => post(SEALED_TEXT),
    "text with blanks around it": () => post(`\r\n ${SEALED_TEXT}\n`, "text/plain"),
    "text with a charset": () => post(SEALED_TEXT, "Text/Plain; charset=UTF-8"),
    "JSON of the v3 agent": () => postJson({ requestId: EVENT.event_id, sealedResult: SEALED_TEXT }),
    "JSON of the v4 agent": () => postJson({ event_id: EVENT.event_id, sealed_result: SEALED_TEXT }),
    "JSON of the vendor's guides": () => postJson({ eventId: EVENT.event_id, sealedResult: SEALED_TEXT }),
    "JSON with each field under every name": () =>
      postJson({
        ...{ eventId: EVENT.event_id, event_id: EVENT.event_id, requestId: EVENT.event_id },
        ...{ sealedResult: SEALED_TEXT, sealed_result: SEALED_TEXT },
      }),
    "JSON of another type": () =>
      post(JSON.stringify({ sealedResult: SEALED_TEXT }), "application/vnd.example+json; charset=utf-8"),
    "bytes": () => post(SEALED, "application/octet-stream"),
    "bytes without a type": () => post(SEALED),
    "an explicit identity coding": () => post(SEALED_TEXT, "text/plain", { "content-encoding": "identity" }),
  };
  for (const [name, request] of Object.entries(forms)) {
    const response = await handle(request());
    assert.equal(response.status, 200, name);
    assert.deepEqual(JSON.parse(await response.text()), { id: EVENT.event_id, keyId: "new", source: "sealed" }, name);
    assert.equal(response.headers.get("cache-control"), "no-store");
  }
});

test("createSealedResultHandler() answers 500 when the unsealer throws another error", async () => {
  for (const code of ["ERR_RUNTIME", "ERR_REQUEST_METHOD", "toString", undefined]) {
    const handle = handler({ unsealer: { open: () => Promise.reject(Object.assign(new Error(), { code })) } });
    await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
  }
});

test("createSealedResultHandler() returns the application's response, 204 without one, and 500 when onEvent fails", async () => {
  const answer = (onEvent: Options["onEvent"]): Promise<Response> => handler({ onEvent })(post(SEALED_TEXT));
  const silent = await answer(() => {});
  assert.equal(silent.status, 204);
  assert.equal(silent.headers.get("cache-control"), "no-store");
  assert.equal(await silent.text(), "");

  const created = await answer(() => Promise.resolve(new Response("made", { status: 201, headers: { "x-own": "1" } })));
  assert.equal(created.status, 201);
  assert.equal(created.headers.get("x-own"), "1");
  assert.equal(created.headers.get("cache-control"), "no-store");
  assert.equal(await created.text(), "made");

  const kept = await answer(() => new Response(null, { headers: { "cache-control": "private, max-age=5" } }));
  assert.equal(kept.headers.get("cache-control"), "private, max-age=5");

  const redirect = await answer(() => Response.redirect("https://example.com/next", 303));
  assert.equal(redirect.status, 303);
  assert.equal(redirect.headers.get("location"), "https://example.com/next");
  assert.equal(redirect.headers.get("cache-control"), "no-store");

  const failures: Options["onEvent"][] = [
    () => {
      throw new Error("a private matter");
    },
    () => Promise.reject(Object.assign(new Error("a private matter"), { code: "ERR_REPLAY_SEEN" })),
  ];
  for (const onEvent of failures) await assertProblem(await answer(onEvent), 500, "ERR_INTERNAL");
});

test("createSealedResultHandler() names onEvent when it returns anything but a Response", async () => {
  const cases: [unknown, RegExp][] = [
    ["a private matter", /^onEvent must return a Response or nothing, got string$/],
    [{ status: 200 }, /^onEvent must return a Response or nothing, got an object of class Object$/],
    [new URLSearchParams("a=private"), /got an object of class URLSearchParams$/],
    [Object.create(null), /got an object$/],
    [true, /got boolean$/],
  ];
  for (const [returned, message] of cases) {
    const errors: VerifyError[] = [];
    const handle = handler({ onEvent: () => returned as Response, onError: (error) => errors.push(error) });
    await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
    assert.match(errors[0]?.message ?? "", message);
  }
});

test("createSealedResultHandler() throws synchronously for anything but a Request, and names the function to use", () => {
  const handle = handler() as (...parameters: unknown[]) => Promise<Response>;
  class IncomingMessage {
    method = "POST";
    url = "/sealed";
    headers = { get: "a header that a client may send", "content-type": "text/plain" };
  }
  const cases: [unknown, RegExp][] = [
    [new IncomingMessage(), /got an object of class IncomingMessage\. .*nodeListener\(handle\).*node-http/],
    [{ req: post(SEALED_TEXT) }, /got an object of class Object\. .*Hono pass context\.req\.raw/],
    [{ httpMethod: "POST", headers: {}, body: SEALED_TEXT }, /got an object of class Object/],
    [{ method: "POST", headers: new Headers(), path: "/sealed" }, /got an object of class Object/], // an event of h3
    [undefined, /got undefined/],
    [null, /got null/],
    ["https://example.com/", /got string/],
  ];
  for (const [given, message] of cases) {
    assert.throws(() => handle(given), (error) => error instanceof TypeError && message.test(error.message));
  }
});

test("createSealedResultHandler() calls an unsealer function for each request", async () => {
  const unsealers = { a: createTestUnsealer({ keys: key(1) }), b: createTestUnsealer({ keys: key(2) }) };
  const asked: unknown[] = [];
  const errors: VerifyError[] = [];
  const handle = createSealedResultHandler({
    unsealer: (request, context: { readonly tenant: "a" | "b" } | undefined) => {
      asked.push([request.method, context?.tenant]);
      const unsealer = unsealers[context?.tenant ?? "b"];
      return context?.tenant === "a" ? Promise.resolve(unsealer) : unsealer;
    },
    replay: "none",
    onEvent: () => {},
    onError: (error) => errors.push(error),
  });
  assert.equal((await handle(post(SEALED_TEXT), { tenant: "a" })).status, 204);
  await assertProblem(await handle(post(SEALED_TEXT), { tenant: "b" }), 403, "ERR_NO_KEY_FITS");
  await assertProblem(await handle(post(SEALED_TEXT), undefined), 403, "ERR_NO_KEY_FITS");
  assert.deepEqual(asked, [["POST", "a"], ["POST", "b"], ["POST", undefined]]);
  // A request without a sealed result needs no keys.
  await assertProblem(await handle(post("", "text/plain"), { tenant: "a" }), 400, "ERR_REQUEST_EMPTY");
  assert.equal(asked.length, 3);

  const wrong: (() => unknown)[] = [
    () => undefined,
    () => ({}),
    () => Promise.resolve(null),
    () => Promise.reject(Object.assign(new Error("secret store"), { code: "ERR_NO_KEY_FITS" })),
    () => {
      throw Object.assign(new Error("secret store"), { code: "ERR_SEALED_HEADER" });
    },
  ];
  for (const unsealer of wrong) {
    const failing = handler({ unsealer: unsealer as () => never, onError: (error) => errors.push(error) });
    await assertProblem(await failing(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
  }
  assert.match(String(errors.at(-4)?.cause), /^TypeError: the unsealer for a request must be an object with open\(\)/);
});

test("createSealedResultHandler() answers even when onError throws or rejects", async () => {
  const logs: Options["onError"][] = [
    () => {
      throw new Error("the disk is full");
    },
    () => Promise.reject(new Error("the disk is full")),
  ];
  for (const onError of logs) {
    await assertProblem(await handler({ onError: onError! })(post("AAAA")), 400, "ERR_SEALED_TOO_SHORT");
  }
});

test("createSealedResultHandler() accepts a body in chunks of any size", async () => {
  const handle = handler();
  for (const size of [1, 7, 64]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < SEALED.length; at += size) chunks.push(SEALED.slice(at, at + size));
    const init = { method: "POST", body: streamOf(chunks), duplex: "half" } as RequestInit;
    assert.equal((await handle(new Request("https://example.com/", init))).status, 200);
  }
});

test("createSealedResultHandler() refuses invalid options and names them, and reads only own ones", () => {
  const wrong: [Record<string, unknown>, typeof TypeError | typeof RangeError, RegExp][] = [
    [{ unsealer: undefined }, TypeError, /^keys or unsealer must be given/],
    [{ keys: "text" }, TypeError, /^keys or unsealer must be given, and only one/],
    [{ unsealer: {} }, TypeError, /^unsealer /],
    [{ onEvent: undefined }, TypeError, /^onEvent /],
    [{ replay: {} }, TypeError, /^replay /],
    [{ replay: null }, TypeError, /^replay /],
    [{ replay: undefined }, TypeError, /^replay or store must be given.*replay: "none"/],
    [{ store: memoryStore() }, TypeError, /^replay or store must be given, and only one/],
    [{ replay: undefined, store: {} }, TypeError, /^store /],
    [{ guard: {} }, TypeError, /^Unknown option guard/],
    [{ onevent: () => {} }, TypeError, /did you mean onEvent\?$/],
    [{ field: "a..b" }, TypeError, /^field /],
    [{ idField: 1 }, TypeError, /^idField /],
    [{ read: "text" }, TypeError, /^read /],
    [{ read: () => ({}), field: "a" }, TypeError, /^read must come without field/],
    [{ header: "a b" }, TypeError, /^header /],
    [{ cors: { origins: "https://shop.example" } }, TypeError, /^cors.origins /],
    [{ cors: { origins: ["https://shop.example/"] } }, TypeError, /^cors.origins /],
    [{ cors: { origins: ["null"] } }, TypeError, /^cors.origins /],
    [{ cors: { origins: ["*"] } }, TypeError, /^cors.origins /],
    [{ cors: { origin: [] } }, TypeError, /did you mean origins\?$/],
    [{ cors: { origins: [], credentials: 1 } }, TypeError, /^cors.credentials /],
    [{ claims: 1 }, TypeError, /^claims /],
    [{ fallback: { getEvent: 1 } }, TypeError, /^fallback /],
    [{ fallback: { getEvent: () => EVENT } }, TypeError, /^fallback must come with claims/],
    [{ dangerouslyTrustPostedIds: "yes" }, TypeError, /^dangerouslyTrustPostedIds /],
    [{ releaseOnError: 1 }, TypeError, /^releaseOnError /],
    [{ onError: "log" }, TypeError, /^onError /],
    [{ maxBodyBytes: "1" }, TypeError, /^maxBodyBytes /],
    [{ maxBodyBytes: -1 }, RangeError, /^maxBodyBytes /],
    [{ maxBodyBytes: NaN }, RangeError, /^maxBodyBytes /],
    [{ bodyTimeoutMs: "1" }, TypeError, /^bodyTimeoutMs /],
    [{ bodyTimeoutMs: 0 }, RangeError, /^bodyTimeoutMs /],
    [{ bodyTimeoutMs: 2 ** 31 }, RangeError, /^bodyTimeoutMs /],
    [{ bodyTimeoutMs: NaN }, RangeError, /^bodyTimeoutMs /],
  ];
  for (const [options, kind, message] of wrong) {
    assert.throws(() => handler(options as Partial<Options>), (error) => {
      assert.ok(error instanceof kind && message.test(error.message), `${JSON.stringify(options)}: ${error}`);
      return true;
    });
  }
  const prototype = Object.prototype as { maxBodyBytes?: unknown };
  prototype.maxBodyBytes = "polluted";
  try {
    assert.doesNotThrow(() => handler());
  } finally {
    delete prototype.maxBodyBytes;
  }
});
