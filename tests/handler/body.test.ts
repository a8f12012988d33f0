/** What pages post: other fields, nested fields, forms, and JSON under any label. */

import assert from "node:assert/strict";
import type { FingerprintEvent } from "../../mod.ts";
import {
  createSealedResultHandler,
  type PostedBody,
  type SealedResultHandlerOptions,
  type VerifyError,
} from "../../src/handler/mod.ts";
import { concat, utf8 } from "../support/bytes.ts";
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
import { createTestUnsealer, key } from "../support/seal.ts";
import { requestStreams, testWith } from "../support/web.ts";

const test = testWith(requestStreams);

const id = EVENT.event_id;

/** A public program's request, and the options that accept it. */
interface Shape {
  readonly name: string;
  readonly request: () => Request;
  /** At most three lines of configuration. */
  readonly options?: Partial<Options>;
}

const form = (fields: Readonly<Record<string, string>>): FormData => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
};
const posted = (body: BodyInit, headers: Record<string, string> = {}): Request =>
  new Request("https://shop.example/login", { method: "POST", body, headers });

/** How public programs and the vendor's demos send sealed results. */
const SHAPES: readonly Shape[] = [
  {
    name: "a login's fields beside the sealed result",
    request: () => postJson({ username: "anna", password: "secret", sealedResult: SEALED_TEXT }),
  },
  {
    name: "a gateway's requestId and sealedData",
    request: () => postJson({ requestId: id, sealedData: SEALED_TEXT }),
    options: { field: "sealedData" },
  },
  {
    name: "fingerprintData in front of an origin",
    request: () => postJson({ order: 7, fingerprintData: { sealedResult: SEALED_TEXT, requestId: id } }),
    options: { field: "fingerprintData.sealedResult" },
  },
  {
    name: "sealedFingerprintData in front of an origin",
    request: () => postJson({ sealedFingerprintData: { sealedResult: SEALED_TEXT }, query: "{ cart }" }),
    options: { field: "sealedFingerprintData.sealedResult" },
  },
  {
    name: "JSON without a content type, as the vendor's demo posts it",
    request: () => posted(JSON.stringify({ sealedResult: SEALED_TEXT })),
  },
  {
    name: "agent v4: sealed_result.base64() and event_id",
    request: () => postJson({ event_id: id, sealed_result: SEALED_TEXT }),
  },
  {
    name: "agent v3: the whole result of get()",
    request: () => postJson({ requestId: id, visitorFound: true, confidence: null, sealedResult: SEALED_TEXT }),
  },
  { name: "the text alone", request: () => posted(SEALED_TEXT) },
  { name: "the bytes alone", request: () => post(SEALED, "application/octet-stream") },
  {
    name: "an HTML form",
    request: () => posted(new URLSearchParams({ email: "a@shop.example", sealedResult: SEALED_TEXT })),
  },
  {
    name: "a form of FormData",
    request: () => posted(form({ email: "a@shop.example", sealedResult: SEALED_TEXT, eventId: id })),
  },
  {
    name: "a header of a request without a body",
    request: () => new Request("https://shop.example/cart", { headers: { "x-sealed-result": SEALED_TEXT } }),
    options: { header: "x-sealed-result" },
  },
];

test("createSealedResultHandler() accepts the twelve public shapes of requests", async () => {
  assert.equal(SHAPES.length, 12);
  for (const { name, request, options = {} } of SHAPES) {
    assert.ok(Object.keys(options).length <= 3);
    const response = await handler(options)(request());
    const text = await response.text();
    assert.equal(response.status, 200, `${name}: ${text}`);
    assert.equal((JSON.parse(text) as { id: unknown }).id, id, name);
  }
});

test("createSealedResultHandler() gives onEvent the fields of the body, and its bytes as they came", async () => {
  const bodies: PostedBody[] = [];
  const handle = handler({ onEvent: (_event, { body }) => void bodies.push(body) });
  const json = `{ "email": "a@shop.example",  "sealedResult": "${SEALED_TEXT}" }\n`;
  const sent: [Request, string | undefined, Uint8Array | undefined][] = [
    [posted(json, { "content-type": "application/json" }), "a@shop.example", utf8(json)],
    [posted(json), "a@shop.example", utf8(json)],
    [
      posted(`email=a%40shop.example&sealedResult=${encodeURIComponent(SEALED_TEXT)}`, {
        "content-type": "application/x-www-form-urlencoded",
      }),
      "a@shop.example",
      undefined,
    ],
    [posted(form({ email: "a@shop.example", sealedResult: SEALED_TEXT })), "a@shop.example", undefined],
    [posted(SEALED_TEXT), undefined, utf8(SEALED_TEXT)],
    [post(SEALED), undefined, SEALED],
  ];
  for (const [request, email, bytes] of sent) {
    const expected = bytes ?? new Uint8Array(await request.clone().arrayBuffer());
    assert.equal((await handle(request)).status, 204);
    const body = bodies.pop()!; // onEvent was called
    assert.equal(body.fields["email"], email);
    assert.deepEqual([...body.bytes], [...expected]);
  }
});

test("createSealedResultHandler() reads a body that begins with { as JSON, whatever its label", async () => {
  const json = JSON.stringify({ sealedResult: SEALED_TEXT });
  const types = [
    undefined,
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
  ];
  for (const type of [...types, "text/html", "application/csp-report", "multipart/form-data"]) {
    for (const body of [json, ` \r\n\t${json}`, `\ufeff${json}`]) {
      assert.equal((await handler()(post(body, type))).status, 200, `${type}`);
    }
  }
  await assertProblem(await handler()(post(`{"sealedResult":`, "text/plain")), 400, "ERR_REQUEST_BODY");
  assert.equal((await handler()(post(`\ufeff${SEALED_TEXT}`, "text/plain"))).status, 200);
});

test("createSealedResultHandler() says to send sealed_result.base64() when the page has sent the object", async () => {
  for (const [name, value] of Object.entries({ sealed_result: {}, sealedResult: { bytes: {} } })) {
    const errors: VerifyError[] = [];
    const handle = handler({ onError: (error) => errors.push(error) });
    const response = await handle(postJson({ event_id: id, [name]: value }));
    const { detail } = await assertProblem(response, 400, "ERR_REQUEST_BODY");
    assert.match(detail, /sealed_result\.base64\(\)/);
    assert.match(
      errors[0]?.message ?? "",
      new RegExp(`${name} is an object; the page must send ${name}\\.base64\\(\\)`),
    );
  }
});

test("createSealedResultHandler() finds fields by a path, of own properties only", async () => {
  const nested = { field: "a.b", idField: "ids.event" };
  assert.equal((await handler(nested)(postJson({ a: { b: SEALED_TEXT }, ids: { event: id } }))).status, 200);
  const mismatch = await handler(nested)(postJson({ a: { b: SEALED_TEXT }, ids: { event: "other" } }));
  await assertProblem(mismatch, 403, "ERR_REPLAY_MISMATCH");
  // Only the id that idField names counts.
  assert.equal((await handler(nested)(postJson({ a: { b: SEALED_TEXT }, eventId: "other" }))).status, 200);
  assert.equal((await handler({ field: "a.b" })(posted(form({ "a.b": SEALED_TEXT })))).status, 200);
  for (const field of ["__proto__.a", "__proto__.constructor", "constructor.name", "a.length", "a.b"]) {
    const posts = [{}, { a: null }, { a: [SEALED_TEXT] }, { a: "text" }, { sealedResult: SEALED_TEXT }];
    for (const content of posts) {
      await assertProblem(await handler({ field })(postJson(content)), 400, "ERR_REQUEST_EMPTY");
    }
  }
});

test("createSealedResultHandler() takes what read() returns, and refuses a body for which it throws", async () => {
  const read: Options["read"] = ({ fields, bytes }, request) =>
    request.headers.has("x-raw")
      ? { sealedResult: bytes.subarray(1) }
      : { sealedResult: (fields as { data: [string] }).data[0] };
  const handle = handler({ read });
  assert.equal((await handle(postJson({ data: [SEALED_TEXT] }))).status, 200);
  assert.equal((await handle(post(concat(utf8("!"), SEALED), "application/x-own", { "x-raw": "1" }))).status, 200);
  await assertProblem(await handle(postJson({})), 400, "ERR_REQUEST_BODY");
  const returned: unknown[] = [undefined, null, 7, "text", { sealedResult: 7 }];
  for (const value of returned) {
    const response = await handler({ read: () => value as object })(postJson({}));
    assert.equal(response.status, 400, `${value}`);
  }
});

test("createSealedResultHandler() with a header takes any method, and does not interpret the body", async () => {
  const seen: unknown[] = [];
  const handle = handler({
    header: "X-Sealed-Result",
    onEvent: (_event, { body }) => void seen.push(body.bytes.length),
  });
  const headers = { "x-sealed-result": SEALED_TEXT };
  for (const method of ["GET", "DELETE", "PUT"]) {
    assert.equal((await handle(new Request("https://shop.example/", { method, headers }))).status, 204);
  }
  assert.equal((await handle(posted("{not JSON", { ...headers, "content-encoding": "gzip" }))).status, 204);
  assert.deepEqual(seen, [0, 0, 0, 9]);
  await assertProblem(await handle(new Request("https://shop.example/")), 405, "ERR_REQUEST_METHOD");
  const wrong = new Request("https://shop.example/", { headers: { "x-sealed-result": "AAAA" } });
  await assertProblem(await handle(wrong), 400, "ERR_SEALED_TOO_SHORT");
});

test("createSealedResultHandler() refuses forms that are malformed, cut off, contradictory or too large", async () => {
  const handle = handler();
  const B = "----WebKitFormBoundaryeB3T0aLRoNjWYnLH";
  const part = (name: string, value: string): string =>
    `--${B}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const whole = `${part("sealedResult", SEALED_TEXT)}--${B}--\r\n`;
  const multipart = `multipart/form-data; boundary=${B}`;
  assert.equal((await handle(post(whole, multipart))).status, 200);
  assert.equal((await handle(post(part("x", "1").repeat(250) + whole, multipart))).status, 200);
  const refused: [string, string][] = [
    ["", multipart],
    ["text", multipart],
    [whole, "multipart/form-data"],
    [whole, "multipart/form-data; boundary=c"],
    [whole.slice(0, -8), multipart],
    [`${whole}--x`, multipart],
    [part("x", "1").repeat(300) + whole, multipart],
    [`--${B}\r\n${"X-A: b\r\n".repeat(9000)}${whole.slice(B.length + 4)}`, multipart],
    [part("x", "\r\n--").repeat(200) + whole, multipart],
    [part("eventId", id) + part("eventId", id) + whole, multipart],
    [part("sealedResult", SEALED_TEXT) + whole, multipart],
    ["a&".repeat(300), "application/x-www-form-urlencoded"],
    [`sealedResult=${SEALED_TEXT}&sealedResult=AAAA`, "application/x-www-form-urlencoded"],
  ];
  for (const [body, type] of refused) {
    const response = await handle(post(body, type));
    assert.equal(response.status, 400, `${type}: ${body.slice(0, 60)}`);
  }
  await assertProblem(await handler({ maxBodyBytes: 100 })(post(whole, multipart)), 413, "ERR_REQUEST_TOO_LARGE");
});

test("createSealedResultHandler() gives names such as __proto__ no effect in forms and JSON", async () => {
  const bodies: PostedBody[] = [];
  const handle = handler({ onEvent: (_event, { body }) => void bodies.push(body) });
  const names = { "__proto__": "x", "constructor": "y", "toString": "z", "__proto__.polluted": "1" };
  await handle(posted(form({ ...JSON.parse(JSON.stringify(names)), ["__proto__"]: "x", sealedResult: SEALED_TEXT })));
  await handle(post(`{"__proto__":{"polluted":1},"sealedResult":"${SEALED_TEXT}"}`, "application/json"));
  await handle(posted(`__proto__=x&__proto__=y&sealedResult=${encodeURIComponent(SEALED_TEXT)}`, {
    "content-type": "application/x-www-form-urlencoded",
  }));
  assert.equal(bodies.length, 3);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  for (const { fields } of bodies) assert.equal((fields as { polluted?: unknown }).polluted, undefined);
  assert.deepEqual(bodies[2]?.fields["__proto__"], ["x", "y"]);
});

test("createSealedResultHandler() accepts a cart of 5,000 items", async () => {
  const items = Array.from({ length: 5000 }, (_, index) => ({
    ...{ sku: `sku-${index}`, name: "A, B", size: "M", quantity: 1, price: 9.99, gift: false },
  }));
  const byNumber = Object.fromEntries(items.map(({ sku }) => [sku, 1]));
  for (const cart of [items, byNumber]) {
    assert.equal((await handler()(postJson({ cart, sealedResult: SEALED_TEXT }))).status, 200);
  }
});

test("createSealedResultHandler() answers 500 when other code has read the body, and says what to do", async () => {
  const read = posted(SEALED_TEXT);
  await read.text();
  const locked = posted(SEALED_TEXT);
  locked.body!.getReader(); // it has a body
  for (const request of [read, locked]) {
    const errors: VerifyError[] = [];
    await assertProblem(await handler({ onError: (error) => errors.push(error) })(request), 500, "ERR_INTERNAL");
    assert.match(errors[0]?.message ?? "", /other code has read it\. Call the handler first, or give verify\(\)/);
  }
});

test("createSealedResultHandler() passes details to onEvent and onError", async () => {
  const seen: unknown[] = [];
  const options: SealedResultHandlerOptions<FingerprintEvent, { readonly tenant: string }> = {
    unsealer: createTestUnsealer({ keys: { id: "k", key: key(1) } }),
    replay: "none",
    claims: () => ({ linkedId: "another" }),
    onEvent: () => {},
    onError: ({ code }, { request, context, summary, keyId, source, bytes, body }) =>
      seen.push([code, request.method, context.tenant, summary?.id, keyId, source, bytes?.length, body?.fields["a"]]),
  };
  const handle = createSealedResultHandler(options);
  await handle(postJson({ a: 1, sealedResult: SEALED_TEXT }), { tenant: "t" });
  await handle(postJson({ a: 2, sealedResult: "AAAA" }), { tenant: "t" });
  await handle(new Request("https://shop.example/"), { tenant: "t" });
  const none = undefined;
  assert.deepEqual(seen, [
    ["ERR_REPLAY_MISMATCH", "POST", "t", id, "k", "sealed", JSON.stringify(EVENT).length, 1],
    ["ERR_SEALED_TOO_SHORT", "POST", "t", none, none, "sealed", none, 2],
    ["ERR_REQUEST_METHOD", "GET", "t", none, none, none, none, none],
  ]);
});
