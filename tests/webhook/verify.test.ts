/** Verifying webhooks: a signed event is returned, everything else is refused with its code. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FingerprintEvent } from "../../mod.ts";
import {
  createWebhookVerifier,
  WebhookError,
  type WebhookErrorCode,
  type WebhookEvent,
  type WebhookMessage,
  type WebhookOptions,
} from "../../src/webhook/mod.ts";
import { summarize } from "../../src/event/mod.ts";
import { concat, utf8 } from "../support/bytes.ts";
import { runs } from "../support/runs.ts";
import { mac, post, refusal, SECRET, sign, skipped, skippedRequest, v1, V3, V4 } from "../support/webhooks.ts";

/** Options of the tests of bodies that never end: without the limit they test, they fail and do not hang. */
const bounded = { ...skippedRequest, timeout: 30_000 };

/** Verifies with the secret of the tests, unless `options` has others. Creates the verifier within the promise. */
async function verify(message: unknown, options: Partial<WebhookOptions> = {}): Promise<WebhookEvent> {
  return await createWebhookVerifier({ secrets: SECRET, ...options })(message as WebhookMessage);
}

async function refuses(code: WebhookErrorCode, message: unknown, options: Partial<WebhookOptions> = {}): Promise<void> {
  await assert.rejects(verify(message, options), refusal(code));
}

async function accepts(message: unknown, options: Partial<WebhookOptions> = {}): Promise<void> {
  assert.equal((await verify(message, options)).event_id, "1708102555327.NLOjmg");
}

test(
  "createWebhookVerifier() returns the event of a body as text, bytes, a buffer or a Request",
  skippedRequest,
  async () => {
    for (const text of [V4, V3]) {
      const signature = await sign(text);
      const bytes = utf8(text);
      const buffer = new Uint8Array(bytes).buffer;
      for (const body of [text, bytes, buffer]) {
        assert.deepEqual(await verify({ body, signature }), JSON.parse(text));
      }
      assert.deepEqual(await verify(post(text, signature), { secrets: [SECRET] }), JSON.parse(text));
    }
  },
);

test("createWebhookVerifier() returns a type that distinguishes v4 events from v3 events", skipped, async () => {
  const isBad = (event: WebhookEvent): boolean =>
    event.event_id === undefined ? event.bot?.result === "bad" : event.bot === "bad";
  for (const body of [V4, V3]) {
    assert.ok(isBad(await verify({ body, signature: await sign(body) })));
  }
});

test(
  "createWebhookVerifier() accepts blanks around commas, capital hex, other versions and any one matching signature",
  skipped,
  async () => {
    const right = await sign(V4);
    const wrong = await sign(V3);
    for (
      const signature of [
        ` ${right}\t`,
        `v1=${right.slice(3).toUpperCase()}`,
        `${wrong},${right}`,
        `${wrong} , \t${right} ,${wrong}`,
        `v2=${right.slice(3)},${right}`,
        `v1,v1=,=,,${right},v1=zz`,
        `${right},${"v2=00,".repeat(100)}`,
        `${`${wrong},`.repeat(7)}${right}`,
      ]
    ) {
      await accepts({ body: V4, signature });
    }
  },
);

test("createWebhookVerifier() refuses a header that is missing or has no v1 signature", skippedRequest, async () => {
  const hex = (await sign(V4)).slice(3);
  const bad: readonly unknown[] = [
    ...[
      undefined,
      null,
      "",
      " ",
      hex,
      `v1=${hex.slice(1)}`,
      `v1=${hex}0`,
      `v1=0x${hex.slice(2)}`,
      `v1=${hex.slice(1)}g`,
    ],
    ...[`v1 =${hex}`, `v1= ${hex}`, `V1=${hex}`, `v2=${hex}`, `v11=${hex}`, `v1=${hex};v1=${hex}`, `v1=${hex}\n`],
    ...[`"v1=${hex}"`, [], [7, undefined, { toString: () => `v1=${hex}` }], [[`v1=${hex}`]]],
    { toString: () => `v1=${hex}` },
  ];
  for (const signature of bad) {
    await refuses("ERR_WEBHOOK_SIGNATURE", { body: V4, signature: signature as string });
  }
  await refuses("ERR_WEBHOOK_SIGNATURE", post(V4));
});

test(
  "createWebhookVerifier() refuses more than 8 signatures, and a huge header without parsing it",
  skipped,
  async () => {
    const right = await sign(V4);
    for (const signature of [`${right},`.repeat(9), "v1=,".repeat(2048) + right, ",".repeat(5_000_000)]) {
      await refuses("ERR_WEBHOOK_SIGNATURE", { body: V4, signature });
    }
  },
);

test("createWebhookVerifier() reads a header of exactly 8192 characters, and none of one more", skipped, async () => {
  const right = await sign(V4);
  const padded = (length: number): string => `${right},`.padEnd(length, "v");
  for (const signature of [padded(8192), [right, "v".repeat(8192 - right.length - 1)]]) {
    await accepts({ body: V4, signature });
  }
  for (const signature of [padded(8193), [right, "v".repeat(8192 - right.length)], new Array(9000).fill(right)]) {
    await refuses("ERR_WEBHOOK_SIGNATURE", { body: V4, signature });
  }
});

test("createWebhookVerifier() reads a header given as a list, as Node and AWS Lambda do", skipped, async () => {
  const right = await sign(V4);
  const wrong = await sign(V3);
  for (const signature of [[right], [wrong, right], [`${wrong}, ${right}`, "v2=00"]]) {
    await accepts({ body: V4, signature });
  }
  await refuses("ERR_WEBHOOK_MISMATCH", { body: V4, signature: [wrong] });
});

test("createWebhookVerifier() reads an own signature of a message that has headers, too", skipped, async () => {
  const request = { headers: { "fpjs-event-signature": "v1=00" }, body: V4, signature: await sign(V4) };
  await accepts(request);
  const prototype = Object.prototype as { signature?: string; body?: string };
  prototype.signature = request.signature;
  prototype.body = V4;
  try {
    const inherited = { headers: {} } as unknown as Request;
    await assert.rejects(verify(inherited), { name: "TypeError", message: /^request must be a Request/ });
  } finally {
    delete prototype.signature;
    delete prototype.body;
  }
});

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

test("createWebhookVerifier() refuses options of a wrong type or range", () => {
  const refused: readonly (readonly [keyof WebhookOptions, name: string, values: readonly unknown[]])[] = [
    ["maxBodyBytes", "TypeError", ["1"]],
    ["maxBodyBytes", "RangeError", [-1, NaN]],
    ["bodyTimeoutMs", "TypeError", ["1"]],
    ["bodyTimeoutMs", "RangeError", [0, -1, 0.5, NaN, 2 ** 31]],
  ];
  for (const [option, name, values] of refused) {
    for (const value of values) {
      const create = () => createWebhookVerifier({ secrets: SECRET, [option]: value });
      assert.throws(create, { name, message: new RegExp(option) });
    }
  }
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

test("createWebhookVerifier() refuses any change of one bit in body or signature", skipped, async () => {
  const body = utf8(V4);
  const hash = await mac(V4);
  await verify({ body, signature: v1(hash) });
  const flip = (bytes: Uint8Array, bit: number): Uint8Array =>
    bytes.map((byte, i) => i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 8 * body.length - 1 }), fc.nat({ max: 255 }), async (bodyBit, hashBit) => {
      await refuses("ERR_WEBHOOK_MISMATCH", { body: flip(body, bodyBit), signature: v1(hash) });
      await refuses("ERR_WEBHOOK_MISMATCH", { body, signature: v1(flip(hash, hashBit)) });
    }),
    { numRuns: runs(200) },
  );
});

test("createWebhookVerifier() returns every event that was signed with a secret", skipped, async () => {
  const fields = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
  // fast-check makes graphemes with `normalize`, which Fastly's engine lacks.
  const unit = "normalize" in String.prototype ? "grapheme" : "binary";
  const secrets = fc.string({ unit, maxLength: 200 }).map((secret) => `s${secret.replace(/[\r\n]/g, "")}.`);
  await fc.assert(
    fc.asyncProperty(
      fields,
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      secrets,
      async (more, id, timestamp, secret) => {
        const body = JSON.stringify({ ...more, event_id: id, timestamp });
        const event = await createWebhookVerifier({
          secrets: ["other", secret],
        })({ body, signature: await sign(body, secret) });
        assert.deepEqual(event, JSON.parse(body));
        assert.equal(summarize(event).id, id);
      },
    ),
    { numRuns: runs(200) },
  );
});

test("createWebhookVerifier() refuses every header that was not made with the secret", skipped, async () => {
  const hash = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 63, maxLength: 65 });
  const entry = fc.oneof(fc.string(), hash.map((hex) => `v1=${hex}`), hash.map((hex) => ` v2=${hex} `));
  const headers = fc.array(entry, { maxLength: 12 }).map((entries) => entries.join(","));
  await fc.assert(
    fc.asyncProperty(headers, async (signature) => {
      const error = await verify({ body: V4, signature }).then(() => undefined, (error: unknown) => error);
      assert.ok(error instanceof WebhookError);
      assert.match(error.code, /^ERR_WEBHOOK_(SIGNATURE|MISMATCH)$/);
    }),
    { numRuns: runs(300) },
  );
});

test("WebhookError contains no secret, signature or body", skipped, async () => {
  const secret = "s3cr3t-0123456789";
  const content = "visitor-content";
  const verify = createWebhookVerifier({ secrets: [secret] });
  const signed = async (body: string) => ({ body, signature: await sign(body, secret) });
  const faults = [
    () => verify({ body: content, signature: null }),
    () => verify({ body: content, signature: `v1=${"ab".repeat(32)}` }),
    async () => await verify(await signed(content)),
    async () => await verify(await signed(`{"event_id":"${content}"}`)),
    async () => await createWebhookVerifier({ secrets: [secret, ""] })(await signed(content)),
    async () => await createWebhookVerifier({ secrets: [`"${secret}"`] })(await signed(content)),
    async () => await createWebhookVerifier({ secrets: secret, maxBodyBytes: 3 })(await signed(content)),
  ];
  for (const fault of faults) {
    const error = await fault().then(() => assert.fail("was accepted"), (error: unknown) => error);
    assert.ok(error instanceof WebhookError);
    const own = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
    for (const text of [JSON.stringify(error), String(error), String(error.cause), ...own]) {
      assert.ok(!text.includes(secret) && !text.includes(content) && !text.includes("abab"), text);
    }
  }
  assert.ok(!`${JSON.stringify({ verify })}${verify}`.includes(secret));
});

test("summarize() returns the id that the event has when it arrives sealed", () => {
  const v4 = JSON.parse(V4) as WebhookEvent;
  const v3 = JSON.parse(V3) as WebhookEvent;
  const sealedV3 = {
    products: { identification: { data: JSON.parse(V3) }, botd: { data: { bot: JSON.parse(V3).bot } } },
  } as FingerprintEvent;
  assert.deepEqual(summarize(v4), summarize(v4 as FingerprintEvent));
  assert.deepEqual(summarize(v3), summarize(sealedV3));
  assert.equal(summarize(v3).id, "1708102555327.NLOjmg");
  assert.equal(summarize(v3).visitorId, "TaDnMBz9XCpZNuSzFUqP");
  assert.equal(summarize(v4).timestamp, 1708102555327);
});

test("summarize() reads the signals of a v3 webhook where a v3 event has them", () => {
  const signals = {
    vpn: { result: true },
    proxy: { result: false },
    tor: { result: true },
    tampering: { result: true },
    virtualMachine: { result: false },
    emulator: { result: false },
    rootApps: { result: true },
    jailbroken: { result: false },
    highActivity: { result: true },
    suspectScore: { result: 7 },
  };
  const webhook = JSON.parse(V3);
  const products = Object.fromEntries(Object.entries(signals).map(([name, data]) => [name, { data }]));
  const data = { ...webhook, incognito: true };
  const event = { products: { ...products, identification: { data }, botd: { data } } };
  const summary = summarize({ ...data, ...signals });
  assert.deepEqual(summary, summarize(event));
  assert.deepEqual([summary.incognito, summary.vpn, summary.proxy, summary.suspectScore], [true, true, false, 7]);
});
