/** Signatures and secrets: HMAC-SHA-256 on every engine. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createSignatureVerifier,
  createWebhookVerifier,
  verifySignature,
  verifyWebhook,
} from "../../src/webhook/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { sharedVectors } from "../support/shared-vectors.ts";
import { hasSubtle, post, refusal, SECRET, sign, skipped, skippedRequest, V3, V4 } from "../support/webhooks.ts";

test("verifySignature() reaches the verdict of each published vector", skipped, async (t) => {
  interface Row {
    readonly header: string;
    readonly valid: boolean;
    readonly secret?: string;
    readonly data_utf8?: string;
  }
  type Vectors = { readonly secret: string; readonly data_utf8: string; readonly cases: readonly Row[] };
  const vectors = sharedVectors("webhook") as Vectors | undefined;
  if (vectors === undefined) return t.skip("../shared/vectors/webhook.json is missing");
  assert.ok(vectors.cases.length > 0);
  for (const { header, valid, ...row } of vectors.cases) {
    const secret = row.secret ?? vectors.secret;
    const body = row.data_utf8 ?? vectors.data_utf8;
    const verifying = verifySignature({ body, signature: header }, { secrets: secret });
    if (valid) assert.deepEqual([...await verifying], [...utf8(body)]);
    else if (secret === "") await assert.rejects(verifying, refusal("ERR_WEBHOOK_SECRET"));
    else if (header.startsWith("v1=")) await assert.rejects(verifying, refusal("ERR_WEBHOOK_MISMATCH"));
    else await assert.rejects(verifying, refusal("ERR_WEBHOOK_SIGNATURE"));
  }
});

test("verifySignature() returns the signed bytes of any body, event or not", skippedRequest, async () => {
  for (const body of ["", "data", "null", "{", V3, "\ufeff{}"]) {
    const signature = await sign(body);
    for (const message of [{ body, signature }, { body: utf8(body), signature }, post(body, signature)]) {
      const signed = await verifySignature(message, { secrets: ["other", SECRET] });
      assert.deepEqual([...signed], [...utf8(body)]);
    }
    const forged = { body: `${body} `, signature };
    await assert.rejects(verifySignature(forged, { secrets: SECRET }), refusal("ERR_WEBHOOK_MISMATCH"));
  }
});

test("verifySignature() returns an array of its own, also for bytes of the caller", skipped, async () => {
  const body = utf8(V4);
  const verifying = verifySignature({ body, signature: await sign(V4) }, { secrets: SECRET });
  body.fill(0);
  assert.deepEqual([...await verifying], [...utf8(V4)]);
});

test("createSignatureVerifier() keeps the limits of a webhook", skipped, async () => {
  const verify = createSignatureVerifier({ secrets: SECRET, maxBodyBytes: 3 });
  await assert.rejects(verify({ body: "data", signature: await sign("data") }), refusal("ERR_WEBHOOK_BODY"));
  await assert.rejects(verify({ body: "data", signature: null }), refusal("ERR_WEBHOOK_SIGNATURE"));
  assert.deepEqual([...await verify({ body: "dat", signature: await sign("dat") })], [...utf8("dat")]);
});

test("createWebhookVerifier() accepts a signature by either secret of a rotation", skipped, async () => {
  const verify = createWebhookVerifier({ secrets: ["new", "old"] });
  for (const secret of ["new", "old"]) await verify({ body: V4, signature: await sign(V4, secret) });
  await assert.rejects(
    verify({ body: V4, signature: await sign(V4, "older") }),
    refusal("ERR_WEBHOOK_MISMATCH"),
  );
});

test("createWebhookVerifier() refuses an empty secret, or none, when it is created", async () => {
  const bad: readonly unknown[] = ["", [], [""], ["right", ""], undefined, null, [undefined], [["x"]], 7, {}, [, "x"]];
  for (const secrets of bad) {
    const options = { secrets: secrets as string };
    assert.throws(() => createWebhookVerifier(options), refusal("ERR_WEBHOOK_SECRET"));
    await assert.rejects(verifyWebhook({ body: V4, signature: "v1=" }, options), refusal("ERR_WEBHOOK_SECRET"));
  }
});

test("createWebhookVerifier() fails with ERR_RUNTIME where there is no SubtleCrypto", () => {
  if (hasSubtle) return assert.equal(typeof createWebhookVerifier({ secrets: SECRET }), "function");
  assert.throws(() => createWebhookVerifier({ secrets: SECRET }), refusal("ERR_RUNTIME"));
});

test("verifyWebhook() reads no secret from a polluted prototype", skipped, async () => {
  const signature = await sign(V4, "attacker's");
  const prototype = Object.prototype as { secrets?: string };
  prototype.secrets = "attacker's";
  try {
    await assert.rejects(
      verifyWebhook({ body: V4, signature }, {} as { secrets: string }),
      refusal("ERR_WEBHOOK_SECRET"),
    );
  } finally {
    delete prototype.secrets;
  }
});
