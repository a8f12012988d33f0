/** Where the endpoint finds the sealed result, what it refuses, and what it says of it. */

import assert from "node:assert/strict";
import type { VerifyError } from "../../src/handler/mod.ts";
import { type Content, parseBody } from "../../src/handler/body.ts";
import { createCors } from "../../src/handler/cors.ts";
import { tooComplex } from "../../src/handler/json-limits.ts";
import type { Bytes } from "../../src/encoding/bytes.ts";
import { utf8 } from "../support/bytes.ts";
import { EVENT, handler, type Options, post, postJson, SEALED, SEALED_TEXT } from "../support/handler.ts";
import { portable as test, testWith } from "../support/web.ts";

const id = EVENT.event_id;
const read = "Cannot read request body: ";

/** Parses a body synchronously or not; a fault rejects. */
async function parse(type: string, body: string | Uint8Array): Promise<Content | undefined> {
  return await parseBody(type, new Uint8Array(typeof body === "string" ? utf8(body) : body) as Bytes);
}

test.any("parseBody() recognises types of JSON, and no similar ones", async () => {
  for (
    const type of ["application/json", " Application/JSON ; charset=utf-8", "application/ld+json", "application/a+json"]
  ) {
    await assert.rejects(parse(type, "[]"), { message: `${read}not a JSON object` }, type);
    await assert.rejects(parse(type, "nul"), { message: `${read}not JSON` }, type);
  }
  for (const type of ["application/jsonx", "xapplication/json", "application/a/b+json", "application/+json"]) {
    assert.equal(await parse(type, "[]"), undefined, type);
  }
});

test.any("parseBody() removes only a whole byte order mark, and takes bytes for text where the label says so", async () => {
  for (const bytes of [[0xef, 0xbb, 0], [0xef, 0, 0xbf], [0, 0xbb, 0xbf], [0xef, 0, 0], [0, 0, 0xbf]]) {
    const content = await parse("application/octet-stream", Uint8Array.from([...bytes, 1]));
    assert.deepEqual(content, { sealed: Uint8Array.from([...bytes, 1]) });
  }
  const marked = await parse("application/octet-stream", Uint8Array.of(0xef, 0xbb, 0xbf, 1));
  assert.deepEqual(marked, { sealed: Uint8Array.of(1) });
  assert.deepEqual(await parse("", SEALED), { sealed: new Uint8Array(SEALED) });
  await assert.rejects(parse("text/plain", SEALED), { message: `${read}not UTF-8` });
});

test.requests("parseBody() accepts 256 fields of a form, and collects those of one name", async () => {
  const type = "application/x-www-form-urlencoded";
  const message = `${read}its form has over 256 fields`;
  await parse(type, "a&".repeat(255) + "a");
  await assert.rejects(parse(type, "a&".repeat(256) + "a"), { message });
  const { fields } = await parse(type, "a=1&b=0&a=2&a=3") ?? {};
  assert.deepEqual({ ...fields }, { a: ["1", "2", "3"], b: "0" });
});

const B = "----boundary";
const MULTIPART = `multipart/form-data; boundary=${B}`;
const part = (name: string, value: string): string =>
  `--${B}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const END = `--${B}--\r\n`;
const hasParser = typeof Response === "function" && typeof Response.prototype.formData === "function";
const multipart = hasParser ? test.requests : testWith({ skip: "this runtime has no parser of multipart/form-data" });

multipart("parseBody() accepts 256 parts and 8192 lines of multipart/form-data, and no more", async () => {
  await parse(MULTIPART, part("x", "1").repeat(256) + END);
  const fields = `${read}its form has over 256 fields`;
  await assert.rejects(parse(MULTIPART, part("x", "1").repeat(257) + END), { message: fields });
  await parse(MULTIPART, part("x", "\r\n".repeat(8187)) + END);
  const lines = `${read}its form has over 8192 lines`;
  await assert.rejects(parse(MULTIPART, part("x", "\r\n".repeat(8188)) + END), { message: lines });
  // None of these ends a line or begins a boundary.
  for (const value of ["\n".repeat(9000), "\r\n-a".repeat(300), "\r\na-".repeat(300), "1".repeat(300_000)]) {
    assert.equal((await parse(MULTIPART, part("x", value) + END))?.fields?.["x"], value);
  }
});

multipart("parseBody() says how multipart/form-data is malformed", async () => {
  const whole = part("x", "1") + END;
  for (const body of [part("x", "1"), `${whole}xy`, whole.slice(0, -4)]) {
    await assert.rejects(parse(MULTIPART, body), { message: `${read}its form has no end` });
  }
  await assert.rejects(parse("multipart/form-data", whole), (error: VerifyError) => {
    assert.equal(error.message, `${read}not multipart/form-data`);
    assert.ok("cause" in error);
    return true;
  });
  const descriptor = Object.getOwnPropertyDescriptor(Response.prototype, "formData");
  if (descriptor?.configurable !== true) return;
  Object.defineProperty(Response.prototype, "formData", { value: undefined, configurable: true });
  try {
    const message = `${read}this runtime has no parser for its form`;
    await assert.rejects(parse(MULTIPART, whole), { code: "ERR_REQUEST_TYPE", message });
  } finally {
    Object.defineProperty(Response.prototype, "formData", descriptor);
  }
});

test.any("tooComplex() counts brackets among other bytes, and allows 40,000 values", () => {
  const refusal = (json: string): string | undefined => tooComplex(utf8(json));
  assert.equal(refusal("[ ".repeat(129)), "its JSON is nested too deeply");
  assert.equal(refusal('{"a":'.repeat(129)), "its JSON is nested too deeply");
  assert.equal(refusal(`[${"0,".repeat(39_999)}0]`), undefined);
  assert.equal(refusal(`[${"0,".repeat(40_000)}0]`), "its JSON has too many values");
  assert.equal(refusal("[[],{}]".repeat(200)), undefined);
});

test.requests("createSealedResultHandler() finds the sealed result by field, and the id next to it or by idField", async () => {
  const other = "another";
  const deep = { field: "a.b.c" };
  const accepted: readonly (readonly [options: Partial<Options>, posted: object])[] = [
    [{ field: "own" }, { own: SEALED_TEXT, sealed_result: "AAAA" }],
    [{ idField: "my" }, { sealedResult: SEALED_TEXT, my: id, requestId: other }],
    [{ idField: "my" }, { sealed_result: SEALED_TEXT }],
    [{ field: "a.b" }, { a: { b: SEALED_TEXT }, requestId: other }],
    [deep, { a: { requestId: other, b: { c: SEALED_TEXT } }, requestId: other }],
    [{ field: "own", idField: "ids.my" }, { own: SEALED_TEXT, ids: { my: id, requestId: other }, requestId: other }],
  ];
  for (const [options, posted] of accepted) {
    assert.equal((await handler(options)(postJson(posted))).status, 200, JSON.stringify(options));
  }
  const refused: typeof accepted = [
    [{ field: "own" }, { own: SEALED_TEXT, requestId: other }],
    [{ field: "a.b" }, { a: { b: SEALED_TEXT, event_id: other } }],
    [deep, { a: { b: { c: SEALED_TEXT, eventId: other } } }],
    [{ idField: "my" }, { sealedResult: SEALED_TEXT, my: other }],
    [{ field: "own", idField: "ids.my" }, { own: SEALED_TEXT, ids: { my: other } }],
  ];
  for (const [options, posted] of refused) {
    assert.equal((await handler(options)(postJson(posted))).status, 403, JSON.stringify(options));
  }
  const form = new URLSearchParams({ "a.b": SEALED_TEXT, requestId: other });
  const response = await handler({ field: "a.b" })(post(`${form}`, "application/x-www-form-urlencoded"));
  assert.equal(response.status, 403);
});

test.requests("createSealedResultHandler() with field reads no inherited id", async () => {
  const prototype = Object.prototype as { eventId?: string };
  prototype.eventId = "another";
  try {
    assert.equal((await handler({ field: "own" })(postJson({ own: SEALED_TEXT }))).status, 200);
  } finally {
    delete prototype.eventId;
  }
});

test.servers("createSealedResultHandler() without header reads none", async () => {
  const request = new Request("https://example.com/sealed", { headers: { undefined: SEALED_TEXT } });
  assert.equal((await handler()(request)).status, 405);
});

test.servers("createSealedResultHandler() reports to onError why it refuses a request", async () => {
  const used = post(SEALED_TEXT);
  await used.text();
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
  const stream = (body: ReadableStream): Request =>
    new Request("https://example.com/sealed", { method: "POST", body, duplex: "half" } as RequestInit);
  const fault = new Error("no data");
  const failing = () => Promise.reject(fault);
  const refused:
    readonly (readonly [request: Request, message: string, options?: Partial<Options>, cause?: unknown])[] = [
      [new Request("https://example.com/sealed"), "Cannot accept request: not a POST"],
      [post("x", "text/plain", { "content-encoding": "gzip" }), "Cannot accept request: its body has a content coding"],
      [
        used,
        `${read}other code has read it. Call the handler first, or give verify() of ./verify the parsed body`,
      ],
      [postJson({}), `${read}read() failed`, { read: failing }, fault],
      [post("x", "text/html"), "Cannot accept request: its body is neither text, JSON, a form nor bytes"],
      [post("12345"), `${read}it has over 4 bytes`, { maxBodyBytes: 4 }],
      [stream(broken), `${read}it broke off`],
      [stream(new ReadableStream()), `${read}it takes over 5 ms`, { bodyTimeoutMs: 5 }],
    ];
  for (const [request, message, options = {}, cause] of refused) {
    const errors: VerifyError[] = [];
    await handler({ ...options, onError: (error) => errors.push(error) })(request);
    assert.deepEqual(errors.map((error) => [error.message, error.cause]), [[message, cause]]);
  }
});

test.requests("createSealedResultHandler() answers 204 for null, and reports a release that fails", async () => {
  assert.equal((await handler({ onEvent: () => null as unknown as Response })(post(SEALED_TEXT))).status, 204);
  const errors: VerifyError[] = [];
  const fault = new Error("redis is down");
  const failing = handler({
    replay: { check: () => "passed", release: () => Promise.reject(fault) },
    releaseOnError: true,
    onEvent: () => Promise.reject(new Error("the database is down")),
    onError: (error) => errors.push(error),
  });
  assert.equal((await failing(post(SEALED_TEXT))).status, 500);
  assert.deepEqual(errors.map(({ code }) => code), ["ERR_REPLAY_STORE", "ERR_INTERNAL"]);
  assert.deepEqual([errors[0]?.message, errors[0]?.cause], ["Cannot release event: it stays used up", fault]);
});

test.any("createSealedResultHandler() names the mistake in an option", () => {
  const wrong: readonly (readonly [options: object, message: string])[] = [
    [
      { fallback: { getEvent: () => EVENT } },
      "fallback must come with claims, because an id proves nothing about its sender; " +
      "dangerouslyTrustPostedIds: true disables this protection",
    ],
    [{ field: "a..b" }, 'field must be a name or names joined by dots, such as "a.b", got string'],
    [{ idField: 7 }, 'idField must be a name or names joined by dots, such as "a.b", got number'],
    [{ header: "a b" }, "header must be the name of a header, got string"],
    [{ read: () => ({}), idField: "a" }, "read must come without field and idField, which it replaces"],
    [{ cors: { origins: "https://a.test" } }, "cors.origins must be a list of origins or a function, got string"],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => handler(options as Partial<Options>), { name: "TypeError", message });
  }
});

test.servers("createCors() recognises a preflight by its method and its two headers", () => {
  const { isPreflight, headersFor } = createCors({ origins: () => true }, undefined);
  const asking = (method: string, headers: Record<string, string>): Request =>
    ({ method, headers: new Headers(headers) }) as Request;
  const both = { origin: "https://a.test", "access-control-request-method": "POST" };
  for (const method of ["OPTIONS", "options"]) assert.equal(isPreflight(asking(method, both)), true);
  for (const method of ["POST", "OPTIONSX", "XOPTIONS"]) assert.equal(isPreflight(asking(method, both)), false);
  const { origin, ...requested } = both;
  for (const headers of [{}, { origin }, requested]) assert.equal(isPreflight(asking("OPTIONS", headers)), false);
  assert.deepEqual(headersFor(asking("OPTIONS", requested)), { vary: "Origin" });
  assert.equal(headersFor(asking("OPTIONS", both))["access-control-allow-headers"], "content-type");
});

test.requests("createCors() refuses what is not an origin", () => {
  for (const origin of [7, null, ["https://a.test"], "null", "a.test", "https://a.test/", "https://A.test"]) {
    assert.throws(() => createCors({ origins: [origin as string] }, undefined), {
      name: "TypeError",
      message: 'cors.origins must have origins as browsers send them, such as "https://shop.example"',
    });
  }
});
