/** The requests that the handler refuses, each with its code. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { UnsealError } from "../../mod.ts";
import { createSealedResultHandler, VerifyError } from "../../src/handler/mod.ts";
import { concat, toBase64, utf8 } from "../support/bytes.ts";
import { assertProblem, EVENT, handler, post, postJson, SEALED, SEALED_TEXT } from "../support/handler.ts";
import { runs } from "../support/runs.ts";
import { createTestUnsealer, key, sealCompressed, sealEvent, sealText } from "../support/seal.ts";
import { withGlobals } from "../support/globals.ts";
import { requestStreams, testWith } from "../support/web.ts";

const test = testWith(requestStreams);

test("createSealedResultHandler() refuses every method but POST, with POST in Allow", async () => {
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const response = await handler()(new Request("https://example.com/sealed", { method }));
    assert.equal(response.headers.get("allow"), "POST");
    await assertProblem(response, 405, "ERR_REQUEST_METHOD");
  }
});

test("createSealedResultHandler() refuses a body of another content type, coding or shape", async () => {
  const handle = handler({ maxBodyBytes: 4096 });
  for (const type of ["image/png", "text/html", "application/xjson", "json", "multipart/mixed; boundary=a"]) {
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
    `[${"[".repeat(4000)}`,
    '{"sealedResult":1}',
    '{"sealedResult":{}}',
  ];
  for (const json of malformed) {
    await assertProblem(await handle(post(json, "application/json")), 400, "ERR_REQUEST_BODY");
  }
  await assertProblem(await handle(postJson({ sealedResult: null, requestId: 12 })), 400, "ERR_REQUEST_BODY");
  await assertProblem(await handle(postJson({ event_id: "1".repeat(257) })), 400, "ERR_REQUEST_BODY");
  await assertProblem(await handle(postJson({ eventId: 5, sealedResult: SEALED_TEXT })), 400, "ERR_REQUEST_BODY");
  await assertProblem(await handle(post(Uint8Array.of(0x22, 0xff, 0x22), "application/json")), 400, "ERR_REQUEST_BODY");
  await assertProblem(await handle(post(Uint8Array.of(0xff), "text/plain")), 400, "ERR_REQUEST_BODY");
});

test("createSealedResultHandler() refuses JSON whose names for the same field have different values", async () => {
  const handle = handler();
  const { event_id: id } = EVENT;
  const contradictions: Record<string, string>[] = [
    { eventId: id, event_id: "other" },
    { eventId: "other", requestId: id },
    { event_id: id, requestId: `${id} ` },
    { eventId: id, event_id: id, requestId: "other" },
    { sealed_result: "AAAA" },
  ];
  for (const content of contradictions) {
    await assertProblem(await handle(postJson({ sealedResult: SEALED_TEXT, ...content })), 400, "ERR_REQUEST_BODY");
  }
});

test("createSealedResultHandler() compares the posted id with the event's, even without replay", async () => {
  const handle = handler();
  for (const name of ["eventId", "event_id", "requestId"]) {
    const response = await handle(postJson({ [name]: EVENT.event_id, sealedResult: SEALED_TEXT }));
    assert.equal(response.status, 200, name);
    for (const id of ["other", EVENT.event_id.toLowerCase(), `${EVENT.event_id} `]) {
      const request = postJson({ [name]: id, sealedResult: SEALED_TEXT });
      await assertProblem(await handle(request), 403, "ERR_REPLAY_MISMATCH");
    }
  }
  // The output of a schema may have no id. Then no posted id matches.
  const shaped = createSealedResultHandler({
    unsealer: { open: () => Promise.resolve({ event: { visitor: "v" }, keyId: "k", bytes: new Uint8Array(0) }) },
    replay: "none",
    onEvent: () => {},
  });
  await assertProblem(await shaped(postJson({ eventId: "1.a", sealedResult: "A" })), 403, "ERR_REPLAY_MISMATCH");
  assert.equal((await shaped(postJson({ sealedResult: "A" }))).status, 204);
});

test("createSealedResultHandler() refuses JSON with more punctuation than its forms need, before parsing it", async () => {
  const handle = handler();
  const { parse } = JSON;
  let parsed = 0;
  const responses: Response[] = [];
  JSON.parse = (...parameters: Parameters<typeof parse>) => {
    parsed++;
    return parse(...parameters) as unknown;
  };
  try {
    for (const piece of ["[", "{", "[],", '{"a":', '"":0,']) {
      const body = piece.repeat(Math.floor(500_000 / piece.length));
      responses.push(await handle(post(body, "application/json")));
    }
  } finally {
    JSON.parse = parse;
  }
  assert.equal(parsed, 0);
  for (const response of responses) await assertProblem(response, 400, "ERR_REQUEST_BODY");
  // A page may also send other fields, such as the agent's whole result.
  const rest = { products: Array.from({ length: 500 }, (_, index) => ({ index, values: [index, "a, b"] })) };
  assert.equal((await handle(postJson({ sealedResult: SEALED_TEXT, ...rest }))).status, 200);
});

test("createSealedResultHandler() accepts 512 KiB by default, and refuses one byte more", async () => {
  const padded = (length: number): Request => post(SEALED_TEXT.padEnd(length), "text/plain");
  assert.equal((await handler()(padded(512 * 1024))).status, 200);
  await assertProblem(await handler()(padded(512 * 1024 + 1)), 413, "ERR_REQUEST_TOO_LARGE");
});

test("createSealedResultHandler() refuses a request without a sealed result", async () => {
  const handle = handler();
  await assertProblem(await handle(new Request("https://a.example/", { method: "POST" })), 400, "ERR_REQUEST_EMPTY");
  await assertProblem(await handle(post(" \n", "text/plain")), 400, "ERR_REQUEST_EMPTY");
  await assertProblem(await handle(post(new Uint8Array(0), "application/octet-stream")), 400, "ERR_REQUEST_EMPTY");
  for (const content of [{}, { sealedResult: null }, { sealed_result: "" }, { requestId: EVENT.event_id }]) {
    await assertProblem(await handle(postJson(content)), 400, "ERR_REQUEST_EMPTY");
  }
});

test("createSealedResultHandler() answers each failure of unsealing with its own code", async () => {
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
  const errors: VerifyError[] = [];
  const handle = handler({
    unsealer: createTestUnsealer({ keys: key(1), maxSealedBytes: 4096, maxEventBytes: 8192 }),
    onError: (error) => errors.push(error),
  });
  for (const [sealed, status, code] of cases) {
    const type = typeof sealed === "string" ? "text/plain" : "application/octet-stream";
    await assertProblem(await handle(post(sealed, type)), status, code);
    const error = errors.pop();
    assert.ok(error instanceof VerifyError);
    assert.equal(error.code, code);
    assert.equal(error.status, status);
    assert.ok(error.cause instanceof UnsealError);
  }
});

test("createSealedResultHandler() refuses a body over maxBodyBytes while it reads it", async () => {
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
  assert.ok(sent < 64 * 1024, `${sent} bytes were read`);
});

test("createSealedResultHandler() refuses a body that takes longer than bodyTimeoutMs, and one that breaks off", async () => {
  const request = (body: ReadableStream<Uint8Array>): Request =>
    new Request("https://example.com/", { method: "POST", body, duplex: "half" } as RequestInit);
  const stalled = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const late = await handler({ bodyTimeoutMs: 1 })(request(stalled));
  assert.equal(late.headers.get("connection"), "close");
  await assertProblem(late, 408, "ERR_REQUEST_TIMEOUT");
  const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("gone")) });
  await assertProblem(await handler({ bodyTimeoutMs: Infinity })(request(broken)), 400, "ERR_REQUEST_BODY");
});

test("createSealedResultHandler() works on an engine without AbortController, time limit included", async () => {
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const stalled = new Request("https://example.com/", { method: "POST", body, duplex: "half" } as RequestInit);
  const whole = post(SEALED_TEXT);
  await withGlobals({ AbortController: undefined }, async () => {
    assert.equal((await handler()(whole)).status, 200);
    await assertProblem(await handler({ bodyTimeoutMs: 1 })(stalled), 408, "ERR_REQUEST_TIMEOUT");
  });
});

test("createSealedResultHandler() repeats neither keys nor content in responses and errors", async () => {
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

test("createSealedResultHandler() answers every body of every type, and never rejects", async () => {
  const handle = handler({
    fallback: { getEvent: () => Promise.reject(new Error()) },
    dangerouslyTrustPostedIds: true,
  });
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
