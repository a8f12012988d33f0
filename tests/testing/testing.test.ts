/** The testing module, whose results the unsealer opens. */

import assert from "node:assert/strict";
import { summarize } from "../../src/event/mod.ts";
import { generateKey, sampleEventV3, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { createTestUnsealer, hasWebCrypto, key } from "../support/seal.ts";
import { decodeBase64Portable } from "../../src/encoding/base64.ts";
import { replacing, withGlobals } from "../support/globals.ts";
import { testWith } from "../support/web.ts";

const skipped = hasWebCrypto ? {} : { skip: "this runtime has no SubtleCrypto" };
const test = testWith(skipped);
const cryptoTest = testWith({ ...replacing("crypto"), ...skipped });

test("seal() seals results that unseal() opens, in either form of blocks", async () => {
  const secret = generateKey();
  const unsealer = createTestUnsealer({ keys: secret });
  const large = sampleEventV4({ tags: { list: Array.from({ length: 30_000 }, (_, i) => i * 7919) } });
  for (const event of [sampleEventV3(), sampleEventV4(), large]) {
    for (const blocks of ["compressed", "stored"] as const) {
      assert.deepEqual(await unsealer.unseal(await seal(event, secret, { blocks })), event);
    }
  }
});

test("seal() works without a CompressionStream", async () => {
  const event = sampleEventV3();
  const sealed = await withGlobals({ CompressionStream: undefined }, () => seal(event, key(1)));
  assert.deepEqual(await createTestUnsealer({ keys: key(1) }).unseal(sealed), event);
});

test("seal() seals with a new nonce each time, or with the given one", async () => {
  const event = sampleEventV4();
  assert.notEqual(await seal(event, key(1)), await seal(event, key(1)));
  const nonce = new Uint8Array(12).fill(9);
  assert.equal(await seal(event, key(1), { nonce }), await seal(event, key(1), { nonce }));
  await assert.rejects(seal(event, key(1), { nonce: new Uint8Array(11) }), RangeError);
});

test("seal() asks whether the environment variable is set when the key is undefined or empty", async () => {
  for (const unset of [undefined as unknown as string, ""]) {
    await assert.rejects(seal(sampleEventV4(), unset), { name: "RangeError", message: /environment variable/ });
  }
  for (const wrong of ["AAAA", new Uint8Array(31)]) {
    await assert.rejects(seal(sampleEventV4(), wrong), { name: "RangeError", message: /32 bytes$/ });
  }
});

test("seal() seals bytes unchanged", async () => {
  const sealed = await seal(utf8('{"products" : {}}'), key(1));
  assert.deepEqual((await createTestUnsealer({ keys: key(1) }).open(sealed)).bytes, utf8('{"products" : {}}'));
});

cryptoTest("seal() says what is missing where no SubtleCrypto encrypts, as in jsdom", async () => {
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  await withGlobals({ TextEncoder: undefined, crypto: { getRandomValues } }, async () => {
    await assert.rejects(seal({ text: "ü東京" }, key(1)), { code: "ERR_RUNTIME", message: /jsdom/ });
  });
});

test("seal() encodes text without a TextEncoder", async () => {
  const event = sampleEventV4({ tags: { text: "ü東京 \u{1F600} \ud800" } });
  const sealed = await withGlobals({ TextEncoder: undefined }, () => seal(event, key(1)));
  assert.deepEqual(await createTestUnsealer({ keys: key(1) }).unseal(sealed), event);
});

test("sampleEventV3() and sampleEventV4() take overrides at any depth, and remove what is undefined", () => {
  const v3 = sampleEventV3({
    products: {
      botd: { data: { bot: { result: "bad" } } },
      vpn: { data: { methods: { relay: true } } },
      proxy: undefined,
    },
  });
  assert.equal(summarize(v3).bot, "bad");
  assert.equal(v3.products.vpn?.data?.methods.relay, true);
  assert.equal(v3.products.vpn?.data?.methods.publicVPN, false);
  assert.equal("proxy" in v3.products, false);
  const v4 = sampleEventV4({ identification: { confidence: { score: 0.5 } }, linked_id: undefined });
  assert.equal(summarize(v4).confidence, 0.5);
  assert.equal(summarize(v4).visitorId, "2ZEDCZEfOfXjEmMuE3tq");
  assert.equal("linked_id" in v4, false);
  const polluting = JSON.parse(`{"tags":{"__proto__":{"polluted":true}}}`) as { tags: object };
  assert.equal((sampleEventV4(polluting).tags as { polluted?: unknown }).polluted, undefined);
  assert.deepEqual(Object.keys(sampleEventV4(polluting).tags ?? {}), ["__proto__"]);
});

test("generateKey() returns 32 random bytes", () => {
  assert.equal(decodeBase64Portable(generateKey())?.length, 32);
  assert.notEqual(generateKey(), generateKey());
});

test("sampleEventV3() and sampleEventV4() have the current time, new ids, and the given fields", () => {
  const before = Date.now();
  for (const make of [sampleEventV3, sampleEventV4]) {
    const summary = summarize(make());
    assert.ok(summary.timestamp !== undefined && summary.timestamp >= before);
    assert.match(summary.id ?? "", /^\d{13}\.[A-Za-z0-9]{6}$/);
    assert.notEqual(summary.id, summarize(make()).id);
  }
  const given = { requestId: "1.A", timestamp: 1, ip: "198.51.100.2", url: "https://example.org/" };
  const { identification, botd } = sampleEventV3({ products: { identification: { data: given } } }).products;
  const { timestamp, ...shared } = { ...given, time: "1970-01-01T00:00:00.001Z" };
  assert.deepEqual({ ...identification?.data, ...given, ...shared }, identification?.data);
  assert.deepEqual({ ...botd?.data, ...shared }, botd?.data);
  assert.equal(identification?.data?.timestamp, timestamp);
  assert.match(sampleEventV4({ timestamp: 1708102555327 }).event_id, /^1708102555327\./);
  assert.equal(summarize(sampleEventV4({ ip_address: "198.51.100.2" })).ip, "198.51.100.2");
});
