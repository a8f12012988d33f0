/** The answers of a VerifyError: what a client gets to know for each code, and what the developer reads. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventsApiError, type EventsApiErrorCode } from "../../src/events-api/mod.ts";
import { createReplayGuard, memoryStore } from "../../src/replay/mod.ts";
import { createVerifier, type PostedFields, VerifyError, type VerifyErrorCode } from "../../src/verify/mod.ts";
import { fallbackCode, retryAfterOf } from "../../src/verify/fallback.ts";
import { wrongBody } from "../../src/verify/posted.ts";
import { createTestUnsealer, key } from "../support/seal.ts";

type Answer = readonly [status: number, title: string, detail: string];

const NOT_AN_EVENT: Answer = [
  422,
  "Unprocessable Content",
  "The sealed result is authentic, but its content is not accepted.",
];

const ANSWERS: Readonly<Record<VerifyErrorCode, Answer>> = {
  ERR_REQUEST_METHOD: [405, "Method Not Allowed", "Send the sealed result with POST."],
  ERR_REQUEST_TYPE: [
    415,
    "Unsupported Media Type",
    "Send the sealed result as text, in JSON, in a form or as bytes, without a content coding.",
  ],
  ERR_REQUEST_TIMEOUT: [408, "Request Timeout", "The body took too long."],
  ERR_REQUEST_TOO_LARGE: [413, "Content Too Large", "The body is too large."],
  ERR_REQUEST_BODY: [
    400,
    "Bad Request",
    "The body is incomplete, malformed or contradicts itself. A sealed_result that is an object must be sent as sealed_result.base64().",
  ],
  ERR_REQUEST_EMPTY: [400, "Bad Request", "The request has no sealed result."],
  ERR_SEALED_ENCODING: [400, "Bad Request", "The sealed result is not base64."],
  ERR_SEALED_TOO_SHORT: [400, "Bad Request", "The sealed result is incomplete."],
  ERR_SEALED_HEADER: [400, "Bad Request", "The text or the bytes are not a sealed result."],
  ERR_SEALED_TOO_LARGE: [413, "Content Too Large", "The sealed result is too large."],
  ERR_NO_KEY_FITS: [403, "Forbidden", "The sealed result is not accepted."],
  ERR_CIPHER: [503, "Service Unavailable", "The sealed result cannot be opened at present."],
  ERR_DEFLATE: NOT_AN_EVENT,
  ERR_EVENT_TOO_LARGE: NOT_AN_EVENT,
  ERR_EVENT_UTF8: NOT_AN_EVENT,
  ERR_EVENT_JSON: NOT_AN_EVENT,
  ERR_EVENT_SHAPE: NOT_AN_EVENT,
  ERR_REPLAY_INCOMPLETE: [422, "Unprocessable Content", "The event has no id or no time."],
  ERR_REPLAY_STALE: [403, "Forbidden", "The event is too old. Request a new one from the agent."],
  ERR_REPLAY_FUTURE: [403, "Forbidden", "The event is from the future."],
  ERR_REPLAY_FLAGGED: [403, "Forbidden", "The event is flagged as replayed."],
  ERR_REPLAY_MISMATCH: [403, "Forbidden", "The event does not belong to this request."],
  ERR_REPLAY_SEEN: [409, "Conflict", "The event has been used before. Request a new one from the agent."],
  ERR_REPLAY_STORE: [
    503,
    "Service Unavailable",
    "The event cannot be checked now. Request a new one from the agent and try again.",
  ],
  ERR_FALLBACK_CLAIMS: [403, "Forbidden", "An id without a sealed result is not accepted."],
  ERR_FALLBACK_NOT_FOUND: [404, "Not Found", "There is no event with this id."],
  ERR_FALLBACK_BUSY: [503, "Service Unavailable", "The event cannot be fetched now. Try again later."],
  ERR_FALLBACK_TIMEOUT: [504, "Gateway Timeout", "The event could not be fetched in time."],
  ERR_FALLBACK: [502, "Bad Gateway", "The event could not be fetched."],
  ERR_INTERNAL: [500, "Internal Server Error", "The request could not be processed."],
};

test("VerifyError answers each code with its status, title and sentence", () => {
  for (const [code, [status, title, detail]] of Object.entries(ANSWERS)) {
    const error = new VerifyError(code as VerifyErrorCode);
    assert.deepEqual(error.toJSON(), { type: "about:blank", title, status, code, detail });
    assert.deepEqual([error.name, error.message, error.status, error.statusCode], [
      "VerifyError",
      detail,
      status,
      status,
    ]);
  }
});

test("VerifyError has the headers that its status needs, and no others", () => {
  const plain = { "cache-control": "no-store" };
  const headers = (code: VerifyErrorCode, retryAfterMs?: number) => new VerifyError(code, "", { retryAfterMs }).headers;
  assert.deepEqual(headers("ERR_NO_KEY_FITS"), plain);
  assert.deepEqual(headers("ERR_REQUEST_METHOD"), { ...plain, allow: "POST" });
  assert.deepEqual(headers("ERR_REQUEST_TIMEOUT"), { ...plain, connection: "close" });
  assert.deepEqual(headers("ERR_FALLBACK_BUSY", 1001), { ...plain, "retry-after": "2" });
  assert.deepEqual(headers("ERR_FALLBACK_BUSY", 0), { ...plain, "retry-after": "0" });
  assert.equal(new VerifyError("ERR_FALLBACK_BUSY", "", { retryAfterMs: 7 }).retryAfterMs, 7);
  assert.ok(!("retryAfterMs" in new VerifyError("ERR_FALLBACK_BUSY")));
});

test("VerifyError gives the same response to Hono", (t) => {
  if (typeof Response !== "function") return t.skip("this runtime has no Response");
  const response = new VerifyError("ERR_REPLAY_SEEN").getResponse();
  assert.deepEqual([response.status, response.headers.get("content-type")], [409, "application/problem+json"]);
});

test("fallbackCode() reads the status of the service first, then the code of the client", () => {
  const byStatus: Readonly<Record<number, VerifyErrorCode>> = {
    400: "ERR_FALLBACK_NOT_FOUND",
    404: "ERR_FALLBACK_NOT_FOUND",
    429: "ERR_FALLBACK_BUSY",
    503: "ERR_FALLBACK_BUSY",
    504: "ERR_FALLBACK_TIMEOUT",
    500: "ERR_FALLBACK",
  };
  for (const [serviceStatus, code] of Object.entries(byStatus)) {
    const error = new EventsApiError("ERR_EVENTS_API_STATUS", "", { serviceStatus: Number(serviceStatus) });
    assert.equal(fallbackCode(error), code, serviceStatus);
  }
  const byCode: Readonly<Record<EventsApiErrorCode, VerifyErrorCode>> = {
    ERR_EVENTS_API_REQUEST: "ERR_FALLBACK_NOT_FOUND",
    ERR_EVENTS_API_NETWORK: "ERR_FALLBACK",
    ERR_EVENTS_API_TIMEOUT: "ERR_FALLBACK_TIMEOUT",
    ERR_EVENTS_API_ABORTED: "ERR_FALLBACK",
    ERR_EVENTS_API_STATUS: "ERR_FALLBACK",
    ERR_EVENTS_API_TOO_LARGE: "ERR_FALLBACK",
    ERR_EVENTS_API_BODY: "ERR_FALLBACK",
  };
  for (const [code, expected] of Object.entries(byCode)) assert.equal(fallbackCode({ code }), expected, code);
  const unknown = [null, undefined, "text", {}, { code: 7 }, { code: "toString" }, {
    code: ["ERR_EVENTS_API_TIMEOUT"],
  }];
  for (const error of unknown) {
    assert.equal(fallbackCode(error), "ERR_FALLBACK");
  }
});

test("retryAfterOf() returns a delay of 0 ms to a day", () => {
  const delays: readonly (readonly [given: unknown, passedOn: number | undefined])[] = [
    [0, 0],
    [1500, 1500],
    [86_400_001, 86_400_000],
    [-1, undefined],
    [NaN, undefined],
    ["7", undefined],
  ];
  for (const [retryAfterMs, passedOn] of delays) assert.equal(retryAfterOf({ retryAfterMs }), passedOn);
  assert.equal(retryAfterOf(null), undefined);
});

test("verify() tells the developer what is wrong with a body, and quotes none of it", async () => {
  const verifier = createVerifier({
    unsealer: createTestUnsealer({ keys: key(1) }),
    replay: createReplayGuard({ store: memoryStore() }),
  });
  const prefix = "Cannot read request body: ";
  const faults: readonly (readonly [fields: object, message: string])[] = [
    [{}, "Cannot accept request: it has no sealed result"],
    [{ sealedResult: new Uint8Array() }, "Cannot accept request: it has no sealed result"],
    [{ sealedResult: {} }, `${prefix}sealedResult is an object; the page must send sealedResult.base64()`],
    [{ sealed_result: 7 }, `${prefix}sealed_result is neither text nor bytes`],
    [{ eventId: 7 }, `${prefix}eventId is not text`],
    [{ event_id: "1".repeat(257) }, `${prefix}event_id has over 256 characters`],
    [{ eventId: "a", requestId: "b" }, `${prefix}eventId, event_id, requestId differ`],
    [{ sealedResult: "a", sealed_result: "b" }, `${prefix}sealedResult, sealed_result differ`],
  ];
  for (const [fields, message] of faults) {
    await assert.rejects(verifier.verify(fields as PostedFields), (error) => {
      assert.ok(error instanceof VerifyError);
      assert.equal(error.message, message);
      assert.ok(!("cause" in error));
      return true;
    });
  }
});

test("verify() reports an error without a known code as the application's, with that error as the cause", async () => {
  const causes = [undefined, null, "text", new Error("down"), { code: ["ERR_NO_KEY_FITS"] }, { code: "toString" }];
  for (const cause of causes) {
    const unsealer = { open: () => Promise.reject(cause) };
    const verifying = createVerifier({ unsealer, replay: "none" }).verify({ sealedResult: "AAAA" });
    await assert.rejects(verifying, (error) => {
      assert.ok(error instanceof VerifyError);
      assert.equal(error.code, "ERR_INTERNAL");
      assert.equal(error.cause, cause);
      return true;
    });
  }
});

test("verify() says why it does not accept a posted id", async () => {
  const event = { event_id: "a", timestamp: 0 };
  const unsealer = { open: () => Promise.resolve({ event, keyId: "k", bytes: new Uint8Array() }) };
  const fallback = { getEvent: () => Promise.resolve(event) };
  const verifier = createVerifier({ unsealer, replay: "none", fallback });
  const ip = "Cannot accept request: it has only an id, and claims have no ip";
  await assert.rejects(verifier.verify({ eventId: "a" }), { code: "ERR_FALLBACK_CLAIMS", message: ip });
  const id = "Cannot accept event: it does not have the posted id";
  const other = verifier.verify({ eventId: "b", sealedResult: "AAAA" });
  await assert.rejects(other, { code: "ERR_REPLAY_MISMATCH", message: id });
});

test("wrongBody() keeps the error behind it", () => {
  const cause = new SyntaxError();
  assert.equal(wrongBody("not JSON", cause).cause, cause);
  assert.equal("cause" in wrongBody("not JSON"), false);
});

test("verify() accepts an id of 256 characters, and the same id under two names", async () => {
  const asked: string[] = [];
  const getEvent = (id: string) => Promise.resolve(asked.push(id)).then(() => ({ event_id: "another", timestamp: 0 }));
  const verifier = createVerifier({
    unsealer: createTestUnsealer({ keys: key(1) }),
    replay: "none",
    fallback: { getEvent },
    dangerouslyTrustPostedIds: true,
  });
  for (const posted of [{ eventId: "1".repeat(256) }, { eventId: "a", event_id: "a", requestId: "" }]) {
    const message = "Cannot accept event: fallback returned one with another id";
    await assert.rejects(verifier.verify(posted), { code: "ERR_FALLBACK", message });
  }
  assert.deepEqual(asked, ["1".repeat(256), "a"]);
});
