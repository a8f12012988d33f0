import assert from "node:assert/strict";
import type { FingerprintEvent } from "../../mod.ts";
import { createResponseOpener } from "../../src/open-client-response/mod.ts";
import { toBase64, utf8 } from "../support/bytes.ts";
import { createTestUnsealer, key, sealEvent, sealText } from "../support/seal.ts";
import { deferred, streamOf, until } from "../support/web.ts";
import { codes, EVENT, forward, forwardAll, OPEN, type Options, REQUEST, SEALED, test } from "./forward.ts";

/** Asserts that a body is forwarded unchanged and without an event, and that `onError` receives these codes. */
async function assertForwarded(
  body: Uint8Array | string,
  expected: readonly string[],
  init?: ResponseInit,
): Promise<void> {
  const bytes = typeof body === "string" ? utf8(body) : body;
  const received = await forwardAll(new Response(streamOf([bytes]), init));
  assert.deepEqual([...received.bytes], [...bytes]);
  assert.deepEqual([codes(received.errors), received.events], [expected, []]);
}

test("createResponseOpener() passes status, headers and bytes to the client, and the event to the application", async () => {
  const headers = new Headers({
    "content-type": "application/json; charset=utf-8",
    "x-own": "1",
    "content-length": `${OPEN.length}`,
  });
  headers.append("set-cookie", "_iidt=a; Secure");
  headers.append("set-cookie", "other=b; Expires=Thu, 01 Jan 2037 00:00:00 GMT");
  const upstream = new Response(OPEN, { status: 201, statusText: "Made", headers });
  const { response, events, details, errors, work } = await forward(upstream);
  assert.equal(response.status, 201);
  assert.equal(response.statusText, "Made");
  assert.deepEqual([...response.headers], [...upstream.headers]); // In browsers, responses have no cookies.
  assert.equal(await response.text(), OPEN);
  await work;
  assert.deepEqual(events, [EVENT]);
  assert.equal(details[0]?.keyId, "test");
  assert.deepEqual([...details[0]?.bytes ?? []], [...utf8(JSON.stringify(EVENT))]);
  assert.deepEqual(errors, []);
});

test("createResponseOpener() opens sealedResult and sealed_result, whatever the content type", async () => {
  const contents = [
    { sealedResult: SEALED },
    { event_id: "1.a", sealed_result: SEALED },
    { sealedResult: null, sealed_result: SEALED },
  ];
  for (const content of contents) {
    const upstream = new Response(JSON.stringify(content), { headers: { "content-type": "image/png" } });
    const { events, errors } = await forwardAll(upstream);
    assert.deepEqual([events, errors], [[EVENT], []]);
  }
});

test("createResponseOpener() reports no error for a response without a sealed result", async () => {
  await assertForwarded("{}", []);
  await assertForwarded('{"sealedResult":null}', []);
  await assertForwarded('{"event_id":"1.a","sealed_result":null}', []);
  await assertForwarded('{"__proto__":{"sealedResult":"AAAA"}}', []);
});

test("createResponseOpener() forwards a body that it cannot open, and reports the reason", async () => {
  for (const body of ["", "<html>", "[1]", "null", '"text"', "\uFEFF{}", OPEN.slice(0, -1), "[".repeat(50_000)]) {
    await assertForwarded(body, ["ERR_RESPONSE_JSON"]);
  }
  await assertForwarded(Uint8Array.of(0x7b, 0xff, 0x7d), ["ERR_RESPONSE_JSON"]);
  for (const sealed of ["1", "{}", "[]", "true"]) {
    await assertForwarded(`{"sealedResult":${sealed}}`, ["ERR_RESPONSE_SHAPE"]);
    await assertForwarded(`{"sealed_result":${sealed}}`, ["ERR_RESPONSE_SHAPE"]);
  }
  await assertForwarded('{"sealedResult":"%"}', ["ERR_SEALED_ENCODING"]);
  await assertForwarded('{"sealedResult":""}', ["ERR_SEALED_TOO_SHORT"]);
  const foreign = toBase64(sealEvent(EVENT, key(2)));
  await assertForwarded(JSON.stringify({ sealed_result: foreign }), ["ERR_NO_KEY_FITS"]);
  const odd = toBase64(sealText("a private matter", key(1)));
  await assertForwarded(JSON.stringify({ sealed_result: odd }), ["ERR_EVENT_JSON"]);
});

test("createResponseOpener() opens only responses with a 2xx status", async () => {
  for (const status of [300, 400, 403, 429, 500, 503]) {
    await assertForwarded(OPEN, [], { status });
  }
});

test("createResponseOpener() forwards responses that can have no body", async () => {
  for (const status of [204, 205, 304]) {
    const headers = { "etag": '"1"', "content-encoding": "gzip", "content-length": "9" };
    const { response, errors, work } = await forward(new Response(null, { status, headers }));
    assert.deepEqual([response.status, response.body], [status, null]);
    // The length of a body that the message does not have.
    assert.deepEqual(Object.fromEntries(response.headers), { "content-encoding": "gzip", "etag": '"1"' });
    await work;
    assert.deepEqual(errors, []);
  }
  // Fastly's engine has no Response.error().
  if (!("error" in Response)) return;
  const failed = Response.error();
  assert.equal((await forward(failed)).response, failed);
});

test("createResponseOpener() reports errors of onEvent to onError, and ignores errors of onError", async () => {
  const fault = new Error("the queue is full");
  const calls: unknown[] = [];
  const throwing = (error: unknown): never => {
    calls.push(error);
    throw fault;
  };
  // deno-lint-ignore require-await -- It must reject.
  const rejecting = async (error: unknown): Promise<never> => throwing(error);
  for (const onEvent of [throwing.bind(null, "event"), rejecting.bind(null, "event")]) {
    for (const onError of [throwing, rejecting, undefined]) {
      const { bytes } = await forwardAll(new Response(OPEN), { onEvent, onError });
      assert.deepEqual(bytes, utf8(OPEN));
      assert.deepEqual(calls.splice(0), onError === undefined ? ["event"] : ["event", fault]);
    }
  }
});

test("createResponseOpener() passes its work to the context's waitUntil, and reports one that throws", async () => {
  const events: FingerprintEvent[] = [];
  const errors: unknown[] = [];
  const open = createResponseOpener({
    unsealer: createTestUnsealer({ keys: key(1) }),
    onEvent: (event) => events.push(event),
    onError: (error, { context }) => errors.push(error, context),
  });
  const context = {
    waited: [] as Promise<unknown>[],
    waitUntil(promise: Promise<unknown>): void {
      if (this !== context) throw new TypeError("Illegal invocation");
      context.waited.push(promise);
    },
  };
  assert.equal(await (await open(new Response(OPEN), REQUEST!, context)).text(), OPEN); // checked above
  await Promise.all(context.waited.splice(0));
  assert.deepEqual(events.splice(0), [EVENT]);
  assert.deepEqual(errors, []);

  const detached = { waitUntil: context.waitUntil };
  assert.equal(await (await open(new Response(OPEN), REQUEST!, detached)).text(), OPEN);
  await until(() => events.length === 1);
  assert.deepEqual(codes([errors[0]]), ["ERR_RESPONSE_WAIT_UNTIL"]);
  assert.equal(errors[1], detached);

  // Servers without waitUntil, or without a context.
  for (const other of [undefined, null, {}, { waitUntil: 1 }, "text"]) {
    assert.equal(await (await open(new Response(OPEN), REQUEST!, other)).text(), OPEN);
  }
  await until(() => events.length === 6);
  assert.equal(errors.length, 2);
});

test("createResponseOpener() leaves out headers that describe the upstream's connection", async () => {
  const headers = {
    "connection": "x-hop, close",
    "x-hop": "1",
    "x_hop": "1",
    "keep-alive": "timeout=5",
    "keep_alive": "timeout=5",
    "proxy-connection": "close",
    "trailer": "x-checksum",
    "transfer-encoding": "chunked",
    "transfer_encoding": "chunked",
    "x-own": "1",
  };
  const { response } = await forward(new Response("{}", { headers }));
  const kept = [...response.headers.keys()].filter((name) => name !== "content-type");
  assert.deepEqual(kept, ["x-own"]);
  response.headers.set("x-added", "1");
  await response.text();
});

test("createResponseOpener() forwards the response of a promise, and calls waitUntil before it settles", async () => {
  const events: FingerprintEvent[] = [];
  const works: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => works.push(work) };
  const open = createResponseOpener({
    unsealer: createTestUnsealer({ keys: key(1) }),
    onEvent: (event) => events.push(event),
  });
  const { promise, resolve } = deferred<Response>();
  const forwarded = open(promise, REQUEST!, context); // checked above
  assert.equal(works.length, 1);
  resolve(new Response(OPEN));
  await works[0];
  assert.deepEqual(events, [EVENT]);
  assert.equal(await (await forwarded).text(), OPEN);

  const fault = new TypeError("fetch failed");
  const failed = open(Promise.reject(fault), REQUEST!, context);
  await assert.rejects(failed, (error) => error === fault);
  await works[1];
  assert.equal(works.length, 2);
});

test("createResponseOpener() passes the details of an event, and with an error those that are known", async () => {
  const good = await forwardAll(new Response(OPEN));
  const [details] = good.details;
  const bytes = utf8(JSON.stringify(EVENT));
  assert.equal(details?.request, REQUEST);
  assert.equal(typeof (details?.context as { waitUntil?: unknown }).waitUntil, "function");
  assert.equal(details?.summary.id, EVENT.event_id);
  assert.equal(details?.source, "sealed");
  assert.deepEqual([details?.keyId, details?.bytes], ["test", bytes]);
  assert.deepEqual(good.errors, []);

  const onEvent = () => Promise.reject(new Error("the queue is full"));
  const [after] = (await forwardAll(new Response(OPEN), { onEvent })).errorDetails;
  const { request, summary, keyId } = after!; // one error
  assert.deepEqual([request, summary?.id, keyId, after?.bytes], [REQUEST, EVENT.event_id, "test", bytes]);
  const foreign = await forwardAll(new Response("<html>"));
  assert.deepEqual(Object.keys(foreign.errorDetails[0] ?? {}).sort(), ["context", "request"]);

  // A schema's output may have any shape.
  const opener = { open: () => ({ event: 7 as unknown as FingerprintEvent, bytes, keyId: "a" }) };
  const odd = await forwardAll(new Response(OPEN), { unsealer: opener });
  assert.deepEqual([odd.errors, odd.events, odd.details[0]?.summary.id], [[], [7], undefined]);
});

test("createResponseOpener() waits for onBytes as for onEvent, and reports its rejection", async () => {
  const fault = new Error("the queue is full");
  let isSent = false;
  const send = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    isSent = true;
  };
  for (const name of ["onEvent", "onBytes"]) {
    isSent = false;
    const { errors } = await forwardAll(new Response(OPEN), { onEvent: undefined, [name]: send });
    assert.deepEqual([isSent, errors], [true, []], name);
    const failing = await forwardAll(new Response(OPEN), { onEvent: undefined, [name]: () => Promise.reject(fault) });
    assert.deepEqual(failing.errors, [fault]);
    assert.equal(failing.errorDetails[0]?.keyId, "test");
  }
});

test("createResponseOpener() passes the event's JSON to onBytes without parsing it", async () => {
  const json = "{not JSON";
  const received: [Uint8Array, string][] = [];
  const { bytes, errors } = await forwardAll(new Response(OPEN), {
    unsealer: {
      open: () => Promise.reject(new Error("not called")),
      openBytes: (sealed) => {
        assert.equal(sealed, SEALED);
        return Promise.resolve({ bytes: utf8(json), keyId: "a" });
      },
    },
    onBytes: (bytes, { keyId }) => received.push([bytes, keyId]),
  });
  assert.deepEqual([bytes, errors, received], [utf8(OPEN), [], [[utf8(json), "a"]]]);
});

test("createResponseOpener() calls an unsealer function only for a response with a sealed result", async () => {
  const unsealer = createTestUnsealer({ keys: key(1) });
  let calls = 0;
  for (const later of [() => unsealer, () => Promise.resolve(unsealer)]) {
    const getUnsealer = () => {
      calls++;
      return later();
    };
    assert.deepEqual((await forwardAll(new Response(OPEN), { unsealer: getUnsealer })).events, [EVENT]);
    await forwardAll(new Response('{"sealedResult":null}'), { unsealer: getUnsealer });
  }
  assert.equal(calls, 2);
  const fault = new Error("the secret store is down");
  const { bytes, errors } = await forwardAll(new Response(OPEN), { unsealer: () => Promise.reject(fault) });
  assert.deepEqual([bytes, errors], [utf8(OPEN), [fault]]);
  const wrong = await forwardAll(new Response(OPEN), { unsealer: () => ({}) as never });
  assert.ok(wrong.errors[0] instanceof TypeError);
});

test("createResponseOpener() refuses invalid options and a body that was read", async () => {
  const wrong: [object, RegExp][] = [
    [{ unsealer: undefined }, /^TypeError: unsealer /],
    [{ unsealer: { open: 1 } }, /^TypeError: unsealer /],
    [{ unsealer: {}, onEvent: undefined, onBytes: () => {} }, /^TypeError: unsealer /],
    [{ onEvent: undefined }, /^TypeError: onEvent or onBytes /],
    [{ onEvent: () => {}, onBytes: () => {} }, /^TypeError: onEvent or onBytes /],
    [{ onEvent: undefined, onBytes: 1 }, /^TypeError: onBytes /],
    [{ bodyTimeoutMs: 0 }, /^RangeError: bodyTimeoutMs /],
    [{ onError: 1 }, /^TypeError: onError /],
    [{ maxBytes: 1 }, /^TypeError: Unknown option maxBytes/],
    [{ waitUntil: () => {} }, /^TypeError: Unknown option waitUntil/],
    [{ maxBodyBytes: "1" }, /^TypeError: maxBodyBytes /],
    [{ maxBodyBytes: 1.5 }, /^RangeError: maxBodyBytes /],
  ];
  for (const [options, message] of wrong) {
    const given = { unsealer: createTestUnsealer({ keys: key(1) }), onEvent: () => {}, ...options };
    assert.throws(() => createResponseOpener(given as Options), message);
  }
  const read = new Response("{}");
  await read.text();
  await assert.rejects(forward(read), TypeError);
  const locked = new Response("{}");
  locked.body?.getReader();
  await assert.rejects(forward(locked), TypeError);
  const open = createResponseOpener({ unsealer: createTestUnsealer({ keys: key(1) }), onEvent: () => {} });
  assert.throws(() => open(new Response("{}"), undefined as never), /^TypeError: request must be a Request/);
});

test("createResponseOpener() repeats no keys or content in its errors", async () => {
  const sealed = JSON.stringify({ sealedResult: toBase64(utf8("private")) });
  for (const body of ['{"private', '{"sealedResult":{"private":1}}', sealed]) {
    const { errors } = await forwardAll(new Response(body));
    assert.equal(errors.length, 1);
    const error = errors[0] as Error;
    assert.equal(error.cause, undefined);
    assert.ok(!`${error} ${error.stack} ${JSON.stringify(error)}`.includes("private"));
  }
});
