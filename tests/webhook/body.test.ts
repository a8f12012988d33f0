/** The body of a webhook: what is parsed, and the limits of reading it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createWebhookVerifier, WebhookError, type WebhookMessage } from "../../src/webhook/mod.ts";
import { concat, utf8 } from "../support/bytes.ts";
import { accepts, post, refuses, SECRET, sign, skipped, skippedRequest, V3, V4, verify } from "../support/webhooks.ts";

/** Options of the tests of bodies that never end: without the limit they test, they fail and do not hang. */
const bounded = { ...skippedRequest, timeout: 30_000 };

test("createWebhookVerifier() reads signed JSON with a byte order mark", skipped, async () => {
  const body = `\ufeff${V4}`;
  for (const form of [body, utf8(body)]) {
    assert.deepEqual(await verify({ body: form, signature: await sign(body) }), JSON.parse(V4));
  }
});

test("WebhookError has the status to answer with", bounded, async () => {
  const signature = await sign(V4);
  const used = post(V4, signature);
  await used.text();
  const cases: readonly (readonly [number, Request | WebhookMessage])[] = [
    [401, { body: V4, signature: undefined }],
    [401, post(V4)],
    [403, { body: V3, signature }],
    [400, { body: "data", signature: await sign("data") }],
    [413, { body: new Uint8Array(1024 * 1024 + 1), signature }],
    [408, post(new ReadableStream({ pull: () => new Promise<void>(() => {}) }), signature)],
    [500, used],
  ];
  const verify = createWebhookVerifier({ secrets: SECRET, bodyTimeoutMs: 30 });
  for (const [status, message] of cases) {
    const error = await verify(message).then(() => undefined, (error: unknown) => error);
    assert.ok(error instanceof WebhookError);
    assert.equal(error.status, status, error.code);
  }
  assert.throws(() => createWebhookVerifier({ secrets: "" }), { status: 500 });
});

test("createWebhookVerifier() refuses a parsed body, and a value that is not a webhook", skipped, async () => {
  const signature = await sign(V4);
  for (const body of [JSON.parse(V4), undefined, null, 7]) {
    await assert.rejects(verify({ body, signature }), {
      name: "TypeError",
      message: /body/,
    });
  }
  // Requests of Express and Lambda: the header is not found, and a parser may have read the body.
  for (const body of [V4, JSON.parse(V4)]) {
    const request = { headers: { "fpjs-event-signature": signature }, body } as unknown as Request;
    await assert.rejects(verify(request), {
      name: "TypeError",
      message: /^request must be a Request, got an object of class Object/,
    });
  }
  for (const request of [undefined, null, {}, 7, V4, { body: V4 }, Object.create({ body: V4, signature })]) {
    await assert.rejects(verify(request as unknown as Request), { name: "TypeError", message: /^request must be/ });
  }
  await refuses("ERR_WEBHOOK_SIGNATURE", { body: V4, signature: undefined });
});

test("createWebhookVerifier() parses a body only after its signature is verified", skipped, async () => {
  const bad: readonly (string | Uint8Array)[] = [
    ...[
      "",
      "data",
      "{",
      V4 + "}",
      "null",
      "7",
      '"text"',
      `[${V4}]`,
      "{}",
      "[".repeat(200_000),
      "\ufeff",
      `\ufeff\ufeff${V4}`,
    ],
    ...['{"event_id":"1.a"}', '{"timestamp":1}', '{"event_id":1,"timestamp":1}', '{"event_id":"1.a","timestamp":"1"}'],
    ...['{"event_id":null,"requestId":"1.a","timestamp":1}', '{"requestId":{},"timestamp":1}'],
    '{"__proto__":{"event_id":"1.a","timestamp":1}}',
    '{"products":{"identification":{"data":{"requestId":"1.a","timestamp":1}}}}',
    concat(utf8('{"event_id":"'), Uint8Array.of(0xff), utf8('","timestamp":1}')),
  ];
  for (const body of bad) {
    const signature = await sign(body);
    await refuses("ERR_WEBHOOK_BODY", { body, signature });
    await refuses("ERR_WEBHOOK_MISMATCH", { body, signature }, { secrets: "other" });
  }
});

test("createWebhookVerifier() accepts a body of maxBodyBytes and refuses one byte more", skippedRequest, async () => {
  const body = V4.replace("bad", "é"); // é has one character and two bytes
  const bytes = utf8(body);
  const signature = await sign(body);
  const requests = [
    () => ({ body, signature }),
    () => ({ body: bytes, signature }),
    () => post(bytes as Uint8Array<ArrayBuffer>, signature),
  ];
  for (const request of requests) {
    await accepts(request(), { maxBodyBytes: bytes.length });
    await refuses("ERR_WEBHOOK_TOO_LARGE", request(), { maxBodyBytes: bytes.length - 1 });
    await refuses("ERR_WEBHOOK_TOO_LARGE", request(), { maxBodyBytes: 0 });
  }
});

test(
  "createWebhookVerifier() stops reading an endless body, and reads no body without a signature",
  skippedRequest,
  async () => {
    let pulled = 0;
    const endless = () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
      });
    await refuses("ERR_WEBHOOK_TOO_LARGE", post(endless(), await sign(V4)));
    assert.ok(pulled < 40, `${pulled} chunks of 64 KiB were pulled for a limit of 1 MiB`);
    const before = pulled;
    const unsigned = post(endless());
    await refuses("ERR_WEBHOOK_SIGNATURE", unsigned);
    assert.ok(pulled - before < 5);
    assert.equal(unsigned.bodyUsed, false);
  },
);

test("createWebhookVerifier() refuses a body that takes longer than bodyTimeoutMs", bounded, async () => {
  const signature = await sign(V4);
  for (const pull of [drip(), () => new Promise<void>(() => {})]) {
    let isCancelled = false;
    const slow = post(new ReadableStream({ pull, cancel: () => void (isCancelled = true) }), signature);
    await refuses("ERR_WEBHOOK_TIMEOUT", slow, { bodyTimeoutMs: 30 });
    assert.ok(isCancelled);
  }
  await accepts(post(V4, signature), { bodyTimeoutMs: Infinity });
});

/** Sends a blank every few milliseconds, far longer than any limit here, but not without end: a failing test must end. */
function drip(): (controller: ReadableStreamDefaultController<Uint8Array>) => Promise<void> {
  let left = 2000;
  return async (controller) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (left-- > 0) controller.enqueue(Uint8Array.of(0x20));
    else controller.close();
  };
}

test("createWebhookVerifier() refuses a body that was read before or breaks off", skippedRequest, async () => {
  const signature = await sign(V4);
  const read = post(V4, signature);
  await read.text();
  await refuses("ERR_WEBHOOK_BODY_USED", read);
  const locked = post(V4, signature);
  locked.body?.getReader();
  await refuses("ERR_WEBHOOK_BODY_USED", locked);
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("connection reset")) });
  await refuses("ERR_WEBHOOK_BODY", post(broken, signature));
});

test(
  "createWebhookVerifier() parses the bytes that it verified, even when the caller changes its array",
  skipped,
  async () => {
    const body = utf8(V4);
    const verifying = verify({ body, signature: await sign(V4) });
    body.set(utf8(V4.replace("bad", "god")));
    assert.equal((await verifying).bot, "bad");
  },
);
