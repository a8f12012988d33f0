/** Verifying webhooks: a signed event is returned, everything else is refused with its code. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FingerprintEvent } from "../../mod.ts";
import { createWebhookVerifier, WebhookError, type WebhookEvent, type WebhookOptions } from "../../src/webhook/mod.ts";
import { summarize } from "../../src/event/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { runs } from "../support/runs.ts";
import {
  accepts,
  mac,
  post,
  refuses,
  SECRET,
  sign,
  skipped,
  skippedRequest,
  v1,
  V3,
  V4,
  verify,
} from "../support/webhooks.ts";

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
