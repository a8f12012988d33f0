import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FingerprintEvent, summarizeEvent, UnsealError } from "../../mod.ts";
import { createSealedResultHandler, HandlerError, type SealedResultHandlerOptions } from "../../src/handler/mod.ts";
import { runs } from "../support/runs.ts";
import { concat, toBase64, utf8 } from "../support/bytes.ts";
import { createTestUnsealer, key, sealCompressed, sealEvent, sealText } from "../support/seal.ts";
import { needsRequestStreams, streamOf } from "../support/web.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327, linked_id: "a private matter" };
const SEALED = sealEvent(EVENT, key(1));
const SEALED_TEXT = toBase64(SEALED);

type Options = SealedResultHandlerOptions<FingerprintEvent>;

function handler(options: Partial<Options> = {}): (request: Request) => Promise<Response> {
  return createSealedResultHandler({
    unsealer: createTestUnsealer({ keys: [{ id: "old", key: key(2) }, { id: "new", key: key(1) }] }),
    onEvent: (event, { keyId, source }) => Response.json({ id: summarizeEvent(event).id, keyId, source }),
    ...options,
  });
}

function post(
  body: string | Uint8Array,
  contentType?: string,
  headers: Readonly<Record<string, string>> = {},
): Request {
  const request = new Request("https://example.com/sealed", {
    method: "POST",
    body: body as Uint8Array<ArrayBuffer>, // Bytes here are never shared memory.
    headers: contentType === undefined ? headers : { "content-type": contentType, ...headers },
  });
  if (contentType === undefined) request.headers.delete("content-type");
  return request;
}

const postJson = (content: unknown): Request => post(JSON.stringify(content), "application/json");

/** Asserts that a response is a problem with this code and status, and nothing else. */
async function assertProblem(response: Response, status: number, code: string): Promise<void> {
  const text = await response.text();
  const problem = JSON.parse(text) as Record<string, unknown>;
  assert.equal(problem.code, code, text);
  assert.equal(response.status, status, text);
  assert.deepEqual(Object.keys(problem), ["type", "title", "status", "code"]);
  assert.equal(problem.type, "about:blank");
  assert.equal(problem.status, status);
  assert.equal(typeof problem.title, "string");
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
}

test("The handler opens a sealed result in each of its forms", async (t) => {
  if (needsRequestStreams(t)) return;
  const handle = handler();
  const forms: Record<string, () => Request> = {
    "what fetch() makes of a string": () => new Request("https://example.com/", { method: "POST", body: SEALED_TEXT }),
    "text without a type": () => post(SEALED_TEXT),
    "text with blanks around it": () => post(`\r\n ${SEALED_TEXT}\n`, "text/plain"),
    "text with a charset": () => post(SEALED_TEXT, "Text/Plain; charset=UTF-8"),
    "JSON of the v3 agent": () => postJson({ requestId: EVENT.event_id, sealedResult: SEALED_TEXT }),
    "JSON of the v4 agent": () => postJson({ event_id: EVENT.event_id, sealed_result: SEALED_TEXT }),
    "JSON of another type": () =>
      post(JSON.stringify({ sealedResult: SEALED_TEXT }), "application/vnd.example+json; charset=utf-8"),
    "bytes": () => post(SEALED, "application/octet-stream"),
    "bytes without a type": () => post(SEALED),
    "an identity that is said": () => post(SEALED_TEXT, "text/plain", { "content-encoding": "identity" }),
  };
  for (const [name, request] of Object.entries(forms)) {
    const response = await handle(request());
    assert.equal(response.status, 200, name);
    assert.deepEqual(JSON.parse(await response.text()), { id: EVENT.event_id, keyId: "new", source: "sealed" }, name);
    assert.equal(response.headers.get("cache-control"), "no-store");
  }
});

test("The handler refuses each other method, and says which it takes", async (t) => {
  if (needsRequestStreams(t)) return;
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const response = await handler()(new Request("https://example.com/sealed", { method }));
    assert.equal(response.headers.get("allow"), "POST");
    await assertProblem(response, 405, "ERR_REQUEST_METHOD");
  }
});

test("The handler refuses what is not one of its forms", async (t) => {
  if (needsRequestStreams(t)) return;
  const handle = handler({ maxBodyBytes: 4096 });
  for (const type of ["image/png", "text/html", "application/x-www-form-urlencoded", "application/xjson", "json"]) {
    await assertProblem(await handle(post(SEALED_TEXT, type)), 415, "ERR_REQUEST_TYPE");
  }
  for (const coding of ["gzip", "br", "identity, gzip"]) {
    const request = post(SEALED_TEXT, "text/plain", { "content-encoding": coding });
    await assertProblem(await handle(request), 415, "ERR_REQUEST_TYPE");
  }
  const malformed = [
    "{",
    "null",
    "[]",
    '"text"',
    "12",
    "\uFEFF{}",
    `[${"[".repeat(4000)}`,
    '{"sealedResult":1}',
    '{"sealedResult":{}}',
  ];
  for (const json of malformed) {
    await assertProblem(await handle(post(json, "application/json")), 400, "ERR_REQUEST_BODY");
  }
  await assertProblem(await handle(postJson({ sealedResult: null, requestId: 12 })), 400, "ERR_REQUEST_BODY");
  await assertProblem(await handle(postJson({ event_id: "1".repeat(257) })), 400, "ERR_REQUEST_BODY");
  await assertProblem(await handle(post(Uint8Array.of(0x22, 0xff, 0x22), "application/json")), 400, "ERR_REQUEST_BODY");
  await assertProblem(await handle(post(Uint8Array.of(0xff), "text/plain")), 400, "ERR_REQUEST_BODY");
});

test("The handler refuses a request without a sealed result", async (t) => {
  if (needsRequestStreams(t)) return;
  const handle = handler();
  await assertProblem(await handle(new Request("https://a.example/", { method: "POST" })), 400, "ERR_REQUEST_EMPTY");
  await assertProblem(await handle(post(" \n", "text/plain")), 400, "ERR_REQUEST_EMPTY");
  await assertProblem(await handle(post(new Uint8Array(0), "application/octet-stream")), 400, "ERR_REQUEST_EMPTY");
  for (const content of [{}, { sealedResult: null }, { sealed_result: "" }, { requestId: EVENT.event_id }]) {
    await assertProblem(await handle(postJson(content)), 400, "ERR_REQUEST_EMPTY");
  }
});

test("The handler answers each failure to open with its own code", async (t) => {
  if (needsRequestStreams(t)) return;
  const flipped = SEALED.slice();
  flipped[20]! ^= 1; // SEALED is longer
  const cases: [Uint8Array | string, number, string][] = [
    ["not base64!", 400, "ERR_SEALED_ENCODING"],
    [toBase64(SEALED.subarray(0, 31)), 400, "ERR_SEALED_TOO_SHORT"],
    [concat(Uint8Array.of(1, 2, 3, 4), SEALED.subarray(4)), 400, "ERR_SEALED_HEADER"],
    [new Uint8Array(5000), 413, "ERR_SEALED_TOO_LARGE"],
    [sealEvent(EVENT, key(3)), 403, "ERR_NO_KEY_FITS"],
    [flipped, 403, "ERR_NO_KEY_FITS"],
    [sealCompressed(Uint8Array.of(7), key(1)), 422, "ERR_DEFLATE"],
    [sealText(`{"event_id":"${"1".repeat(9000)}"}`, key(1)), 422, "ERR_EVENT_TOO_LARGE"],
    [sealCompressed(Uint8Array.of(1, 1, 0, 254, 255, 255), key(1)), 422, "ERR_EVENT_UTF8"],
    [sealText("a private matter", key(1)), 422, "ERR_EVENT_JSON"],
    [sealText("{}", key(1)), 422, "ERR_EVENT_SHAPE"],
  ];
  const errors: HandlerError[] = [];
  const handle = handler({
    unsealer: createTestUnsealer({ keys: key(1), maxSealedBytes: 4096, maxEventBytes: 8192 }),
    onError: (error) => errors.push(error),
  });
  for (const [sealed, status, code] of cases) {
    const type = typeof sealed === "string" ? "text/plain" : "application/octet-stream";
    await assertProblem(await handle(post(sealed, type)), status, code);
    const error = errors.pop();
    assert.ok(error instanceof HandlerError);
    assert.equal(error.code, code);
    assert.equal(error.status, status);
    assert.ok(error.cause instanceof UnsealError);
  }
});

test("The handler answers 500 when the unsealer fails in a way of its own", async (t) => {
  if (needsRequestStreams(t)) return;
  for (const code of ["ERR_RUNTIME", "ERR_REQUEST_METHOD", "toString", undefined]) {
    const handle = handler({ unsealer: { open: () => Promise.reject(Object.assign(new Error(), { code })) } });
    await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
  }
});

test("The handler refuses a body over maxBodyBytes while it reads it", async (t) => {
  if (needsRequestStreams(t)) return;
  const handle = handler({ maxBodyBytes: SEALED_TEXT.length });
  assert.equal((await handle(post(SEALED_TEXT))).status, 200);
  await assertProblem(await handle(post(`${SEALED_TEXT} `)), 413, "ERR_REQUEST_TOO_LARGE");
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 1024;
      controller.enqueue(new Uint8Array(1024));
    },
  });
  const init = { method: "POST", body: endless, duplex: "half" } as RequestInit; // duplex is not in every library
  await assertProblem(await handle(new Request("https://example.com/", init)), 413, "ERR_REQUEST_TOO_LARGE");
  assert.ok(sent < 64 * 1024, `${sent} bytes were taken`);
});

test("The handler refuses a body that takes longer than bodyTimeoutMs, and one that breaks off", async (t) => {
  if (needsRequestStreams(t)) return;
  const request = (body: ReadableStream<Uint8Array>): Request =>
    new Request("https://example.com/", { method: "POST", body, duplex: "half" } as RequestInit);
  const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  await assertProblem(await handler({ bodyTimeoutMs: 1 })(request(stalled)), 408, "ERR_REQUEST_TIMEOUT");
  const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("gone")) });
  await assertProblem(await handler({ bodyTimeoutMs: Infinity })(request(broken)), 400, "ERR_REQUEST_BODY");
  const read = post(SEALED_TEXT);
  await read.text();
  await assertProblem(await handler()(read), 400, "ERR_REQUEST_BODY");
});

test("createSealedResultHandler() works on an engine without AbortController, time limit included", async (t) => {
  if (needsRequestStreams(t)) return;
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const stalled = new Request("https://example.com/", { method: "POST", body, duplex: "half" } as RequestInit);
  const whole = post(SEALED_TEXT);
  const { AbortController } = globalThis;
  Reflect.set(globalThis, "AbortController", undefined);
  try {
    assert.equal((await handler()(whole)).status, 200);
    await assertProblem(await handler({ bodyTimeoutMs: 1 })(stalled), 408, "ERR_REQUEST_TIMEOUT");
  } finally {
    globalThis.AbortController = AbortController;
  }
});

test("The handler asks the replay check with what the server knows and the client claims", async (t) => {
  if (needsRequestStreams(t)) return;
  const checks: unknown[] = [];
  const replay = { check: (...parameters: unknown[]) => Promise.resolve(checks.push(parameters)) };
  const json = { sealedResult: SEALED_TEXT, requestId: "claimed" };
  await handler({ replay })(post(SEALED_TEXT));
  await handler({ replay })(postJson(json));
  await handler({ replay, claims: (request) => ({ ip: request.headers.get("x-real-ip") }) })(postJson(json));
  await handler({ replay, claims: () => Promise.resolve({ origin: "https://example.com" }) })(post(SEALED_TEXT));
  assert.deepEqual(checks, [
    [EVENT, {}],
    [EVENT, { id: "claimed" }],
    [EVENT, { ip: null, id: "claimed" }],
    [EVENT, { origin: "https://example.com" }],
  ]);
});

test("The handler hands on what the server gives beside the request", async (t) => {
  if (needsRequestStreams(t)) return;
  const seen: unknown[] = [];
  const handle = createSealedResultHandler({
    unsealer: createTestUnsealer({ keys: key(1) }),
    replay: { check: (_event, claims) => Promise.resolve(seen.push(claims)) },
    claims: (_request, info: { readonly address: string } | undefined) => ({ ip: info?.address }),
    onEvent: (_event, { info }) => void seen.push(info),
  });
  await handle(post(SEALED_TEXT), { address: "192.0.2.1" });
  await handle(post(SEALED_TEXT));
  assert.deepEqual(seen, [{ ip: "192.0.2.1" }, { address: "192.0.2.1" }, { ip: undefined }, undefined]);
});

test("The handler answers each refusal of the replay check with its own code, and does not tell the application", async (t) => {
  if (needsRequestStreams(t)) return;
  const statuses: Record<string, number> = {
    ERR_EVENT_STALE: 403,
    ERR_EVENT_FUTURE: 403,
    ERR_EVENT_REPLAYED: 403,
    ERR_EVENT_MISMATCH: 403,
    ERR_EVENT_INCOMPLETE: 422,
    ERR_EVENT_SEEN: 409,
    ERR_REPLAY_STORE: 503,
  };
  const onEvent = (): never => assert.fail("the application was told");
  for (const [code, status] of Object.entries(statuses)) {
    const error = Object.assign(new Error("what the store says"), { code });
    const rejects = { check: () => Promise.reject(error) };
    const throws = {
      check: (): never => {
        throw error;
      },
    };
    await assertProblem(await handler({ onEvent, replay: rejects })(post(SEALED_TEXT)), status, code);
    await assertProblem(await handler({ onEvent, replay: throws })(post(SEALED_TEXT)), status, code);
  }
  for (const error of [new Error("out of order"), undefined, { code: "ERR_NO_KEY_FITS" }]) {
    const handle = handler({ onEvent, replay: { check: () => Promise.reject(error) } });
    await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
  }
  const claims = (): never => {
    throw new Error("no claims today");
  };
  const handle = handler({ onEvent, claims, replay: { check: () => Promise.resolve() } });
  await assertProblem(await handle(post(SEALED_TEXT)), 500, "ERR_INTERNAL");
});

test("The handler gets the event by its id when there is no sealed result", async (t) => {
  if (needsRequestStreams(t)) return;
  const asked: string[] = [];
  const checks: unknown[] = [];
  const handle = handler({
    fallback: {
      getEvent: (id) => {
        asked.push(id);
        return Promise.resolve(EVENT);
      },
    },
    replay: { check: (...parameters) => Promise.resolve(checks.push(parameters)) },
  });
  for (const content of [{ requestId: "1.a" }, { sealed_result: null, event_id: "1.b" }]) {
    const response = await handle(postJson(content));
    assert.deepEqual(JSON.parse(await response.text()), { id: EVENT.event_id, source: "events-api" });
  }
  assert.deepEqual(asked, ["1.a", "1.b"]);
  assert.deepEqual(checks, [[EVENT, { id: "1.a" }], [EVENT, { id: "1.b" }]]);
  // A sealed result that cannot be opened is refused: only a missing one is fetched.
  await assertProblem(await handle(postJson({ sealedResult: "AAAA", requestId: "1.c" })), 400, "ERR_SEALED_TOO_SHORT");
  await assertProblem(await handle(postJson({ sealedResult: null, requestId: "" })), 400, "ERR_REQUEST_EMPTY");
  assert.equal(asked.length, 2);
});

test("The handler answers each failure of the fallback with a status of its own", async (t) => {
  if (needsRequestStreams(t)) return;
  const cases: [unknown, number, string][] = [
    [{ code: "ERR_EVENTS_API_STATUS", status: 404 }, 404, "ERR_FALLBACK_NOT_FOUND"],
    [{ code: "ERR_EVENTS_API_STATUS", status: 400 }, 404, "ERR_FALLBACK_NOT_FOUND"],
    [{ code: "ERR_EVENTS_API_REQUEST" }, 404, "ERR_FALLBACK_NOT_FOUND"],
    [{ code: "ERR_EVENTS_API_STATUS", status: 429 }, 503, "ERR_FALLBACK_BUSY"],
    [{ code: "ERR_EVENTS_API_STATUS", status: 503 }, 503, "ERR_FALLBACK_BUSY"],
    [{ code: "ERR_EVENTS_API_STATUS", status: 504 }, 504, "ERR_FALLBACK_TIMEOUT"],
    [{ code: "ERR_EVENTS_API_TIMEOUT" }, 504, "ERR_FALLBACK_TIMEOUT"],
    [{ code: "ERR_EVENTS_API_STATUS", status: 403, serviceCode: "secret_api_key_not_found" }, 502, "ERR_FALLBACK"],
    [{ code: "ERR_EVENTS_API_NETWORK" }, 502, "ERR_FALLBACK"],
    [new TypeError("fetch failed"), 502, "ERR_FALLBACK"],
    [undefined, 502, "ERR_FALLBACK"],
  ];
  for (const [error, status, code] of cases) {
    const handle = handler({ fallback: { getEvent: () => Promise.reject(error) } });
    await assertProblem(await handle(postJson({ event_id: EVENT.event_id })), status, code);
  }
});

test("The handler gives the application's answer, 204 without one, and 500 when it fails", async (t) => {
  if (needsRequestStreams(t)) return;
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
    () => Promise.reject(Object.assign(new Error("a private matter"), { code: "ERR_EVENT_SEEN" })),
    () => "no response" as unknown as Response,
  ];
  for (const onEvent of failures) await assertProblem(await answer(onEvent), 500, "ERR_INTERNAL");
});

test("The handler answers whatever the application's log does", async (t) => {
  if (needsRequestStreams(t)) return;
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

test("The handler says nothing of keys or content, in answers and in errors", async (t) => {
  if (needsRequestStreams(t)) return;
  const rawKey = Uint8Array.from({ length: 32 }, (_, index) => 200 + index);
  const secrets = [toBase64(rawKey).slice(0, 40), [...rawKey].join(","), "private", SEALED_TEXT.slice(8, 40)];
  const said: string[] = [];
  const handle = handler({
    unsealer: createTestUnsealer({ keys: rawKey }),
    onError: (error, { request }) => {
      assert.equal(request.method, "POST");
      const cause = error.cause as Error | undefined;
      const parts = [error, cause ?? {}].map((each) => `${each} ${(each as Error).stack} ${JSON.stringify(each)}`);
      said.push(...parts, JSON.stringify(Object.getOwnPropertyDescriptors(error)));
    },
  });
  const bodies = [
    SEALED,
    sealText("a private matter", rawKey),
    sealText('{"event_id":"private"}', rawKey),
    utf8("private!"),
  ];
  for (const body of bodies) said.push(await (await handle(post(toBase64(body)))).text());
  said.push(await (await handle(post('{"private', "application/json"))).text());
  for (const secret of secrets) assert.ok(!said.some((text) => text.includes(secret)), secret);
});

test("The handler answers every body, of whatever type, and never rejects", async (t) => {
  if (needsRequestStreams(t)) return;
  const handle = handler({ fallback: { getEvent: () => Promise.reject(new Error()) } });
  const type = fc.constantFrom(
    undefined,
    "text/plain",
    "application/json",
    "application/octet-stream",
    "a/b",
    ";;",
    "x",
  );
  const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(utf8), fc.base64String().map(utf8));
  const statuses = [400, 403, 413, 415, 502];
  await fc.assert(
    fc.asyncProperty(type, body, async (contentType, bytes) => {
      const response = await handle(post(bytes, contentType));
      assert.ok(statuses.includes(response.status), `${response.status}`);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
    }),
    { numRuns: runs(300) },
  );
});

test("The handler takes a body in whatever pieces it comes", async (t) => {
  if (needsRequestStreams(t)) return;
  const handle = handler();
  for (const size of [1, 7, 64]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < SEALED.length; at += size) chunks.push(SEALED.slice(at, at + size));
    const init = { method: "POST", body: streamOf(chunks), duplex: "half" } as RequestInit;
    assert.equal((await handle(new Request("https://example.com/", init))).status, 200);
  }
});

test("createSealedResultHandler() refuses wrong options and names them, and reads only own ones", (t) => {
  if (needsRequestStreams(t)) return;
  const wrong: [Record<string, unknown>, typeof TypeError | typeof RangeError, RegExp][] = [
    [{ unsealer: undefined }, TypeError, /^unsealer /],
    [{ unsealer: {} }, TypeError, /^unsealer /],
    [{ onEvent: undefined }, TypeError, /^onEvent /],
    [{ replay: {} }, TypeError, /^replay /],
    [{ replay: null }, TypeError, /^replay /],
    [{ claims: () => ({}) }, TypeError, /^claims /],
    [{ claims: 1 }, TypeError, /^claims /],
    [{ fallback: { getEvent: 1 } }, TypeError, /^fallback /],
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
