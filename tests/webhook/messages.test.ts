/** The messages of a WebhookError: each names what to change, and nothing of the secret or the webhook. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSignatureVerifier, createWebhookVerifier, type WebhookMessage } from "../../src/webhook/mod.ts";
import { needsGlobals } from "../support/web.ts";
import { post, SECRET, sign, skipped, skippedRequest, V4 } from "../support/webhooks.ts";
import { replacing, withGlobals } from "../support/globals.ts";

test("createWebhookVerifier() names the secret that is wrong, and how", () => {
  const faults: readonly (readonly [secrets: unknown, message: string])[] = [
    [[], "secrets must contain at least one secret, got none"],
    [undefined, "secrets[0] must be the text of a secret, got undefined or null"],
    ["undefined", "secrets[0] must be the text of a secret, got undefined or null"],
    ["null", "secrets[0] must be the text of a secret, got undefined or null"],
    [["right", 7], "secrets[1] must be the text of a secret, got another type"],
    ["", "secrets[0] must be the text of a secret, got an empty string"],
    [" x", "secrets[0] must be the text of a secret, got text with blanks or line breaks around it"],
    ["x\ny", "secrets[0] must be the text of a secret, got text with blanks or line breaks around it"],
    ["'x'", "secrets[0] must be the text of a secret, got text in quotation marks"],
  ];
  for (const [secrets, message] of faults) {
    const create = () => createWebhookVerifier({ secrets: secrets as string });
    assert.throws(create, { name: "WebhookError", code: "ERR_WEBHOOK_SECRET", status: 500, message });
  }
});

test("createWebhookVerifier() accepts quotation marks that do not enclose the secret", skipped, async () => {
  for (const secret of ['x"y"', '"x"y', "\"x'"]) {
    await createWebhookVerifier({ secrets: secret })({ body: V4, signature: await sign(V4, secret) });
  }
});

test("createWebhookVerifier() says why it refuses a webhook", skippedRequest, async () => {
  const signature = await sign(V4);
  const used = post(V4, signature);
  await used.text();
  const none = "Cannot verify webhook: FPJS-Event-Signature must have 1 to 8 v1 signatures";
  const large = "Cannot read webhook: its body is over 99 bytes";
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("connection reset")) });
  const refused: readonly (readonly [message: Request | WebhookMessage, text: string])[] = [
    [{ body: V4, signature: undefined }, "Cannot verify webhook: no header FPJS-Event-Signature"],
    [{ body: V4, signature: [] }, "Cannot verify webhook: no header FPJS-Event-Signature"],
    [{ body: V4, signature: "v2=00" }, none],
    [{ body: V4, signature: `${signature},`.repeat(9) }, none],
    [{ body: "data", signature }, "Cannot verify webhook: no signature matches a secret"],
    [{ body: "{}", signature: await sign("{}") }, "Cannot parse webhook: not JSON with an id and a timestamp"],
    [{ body: "x".repeat(100), signature }, large],
    [{ body: new Uint8Array(100), signature }, large],
    [post("x".repeat(100), signature), large],
    [used, "Cannot read webhook: its body was read before, by a middleware?"],
    [post(new ReadableStream(), signature), "Cannot read webhook: over bodyTimeoutMs"],
    [post(broken, signature), "Cannot read webhook: its body broke off"],
  ];
  for (const [message, text] of refused) {
    const verify = createWebhookVerifier({ secrets: SECRET, maxBodyBytes: 99, bodyTimeoutMs: 30 });
    await assert.rejects(verify(message), { name: "WebhookError", message: text });
  }
  const parsed = { body: {} as string, signature };
  const message = "body must be the raw body as bytes or text, not the object parsed from it";
  await assert.rejects(createWebhookVerifier({ secrets: SECRET })(parsed), { name: "TypeError", message });
});

test("createWebhookVerifier() throws ERR_RUNTIME without importKey() and verify()", replacing("crypto"), () => {
  const message = "Cannot verify webhooks: no SubtleCrypto with verify()";
  const none = () => {};
  for (const value of [{}, { subtle: {} }, { subtle: { importKey: none } }, { subtle: { verify: none } }]) {
    withGlobals({ crypto: value }, () => {
      assert.throws(() => createWebhookVerifier({ secrets: SECRET }), { code: "ERR_RUNTIME", message });
    });
  }
});

test(
  "createSignatureVerifier() imports secrets only to verify, and not to export",
  { ...replacing("crypto"), ...needsGlobals("TextEncoder") },
  async () => {
    let imported: readonly unknown[] = [];
    const importKey = (format: string, _raw: unknown, { name, hash, length }: HmacImportParams, ...rest: unknown[]) => {
      imported = [format, name, hash, length, ...rest];
      return Promise.reject(new Error("refused"));
    };
    await withGlobals({ crypto: { subtle: { importKey, verify: () => true } } }, async () => {
      const verifying = createSignatureVerifier({ secrets: "12345" })({ body: "", signature: `v1=${"00".repeat(32)}` });
      const message = "Cannot import secret: SubtleCrypto refused it";
      await assert.rejects(verifying, { code: "ERR_WEBHOOK_SECRET", message });
    });
    assert.deepEqual(JSON.stringify(imported), '["raw","HMAC",{"name":"SHA-256"},40,false,["verify"]]');
  },
);

test("createSignatureVerifier() verifies a Request without a body", skippedRequest, async () => {
  const headers = { "fpjs-event-signature": await sign("") };
  const request = new Request("https://backend.example/webhook", { method: "POST", headers });
  assert.deepEqual([...await createSignatureVerifier({ secrets: SECRET })(request)], []);
});

test("createWebhookVerifier() keeps byte order marks within the JSON", skipped, async () => {
  const body = '{"event_id":"a\ufeffb","timestamp":1}';
  const event = await createWebhookVerifier({ secrets: SECRET })({ body, signature: await sign(body) });
  assert.equal(event.event_id, "a\ufeffb");
});
