/** Signatures and secrets: HMAC-SHA-256 on every engine. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSignatureVerifier, createWebhookVerifier } from "../../src/webhook/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { referencingSubtle } from "../support/referencing-subtle.ts";
import { sharedVectors } from "../support/shared-vectors.ts";
import { hasSubtle, post, refusal, SECRET, sign, skipped, skippedRequest, V3, V4 } from "../support/webhooks.ts";
import { replacing, withGlobals } from "../support/globals.ts";

test("createSignatureVerifier() reaches the verdict of each published vector", skipped, async (t) => {
  interface Row {
    readonly header: string;
    readonly valid: boolean;
    readonly secret?: string;
    readonly data_utf8?: string;
  }
  type Vectors = { readonly secret: string; readonly data_utf8: string; readonly cases: readonly Row[] };
  const vectors = sharedVectors("webhook") as Vectors | undefined;
  if (vectors === undefined) return t.skip("../shared/vectors/webhook.json is not present");
  assert.ok(vectors.cases.length > 0);
  for (const { header, valid, ...row } of vectors.cases) {
    const secret: string = row.secret ?? vectors.secret;
    const body: string = row.data_utf8 ?? vectors.data_utf8;
    const verify = async () => await createSignatureVerifier({ secrets: secret })({ body, signature: header });
    const verifying = verify();
    if (valid) assert.deepEqual([...await verifying], [...utf8(body)]);
    else if (secret === "") await assert.rejects(verifying, refusal("ERR_WEBHOOK_SECRET"));
    else if (header.startsWith("v1=")) await assert.rejects(verifying, refusal("ERR_WEBHOOK_MISMATCH"));
    else await assert.rejects(verifying, refusal("ERR_WEBHOOK_SIGNATURE"));
  }
});

test("createSignatureVerifier() returns the signed bytes of any body, event or not", skippedRequest, async () => {
  for (const body of ["", "data", "null", "{", V3, "\ufeff{}"]) {
    const signature = await sign(body);
    for (const message of [{ body, signature }, { body: utf8(body), signature }, post(body, signature)]) {
      const signed = await createSignatureVerifier({ secrets: ["other", SECRET] })(message);
      assert.deepEqual([...signed], [...utf8(body)]);
    }
    const forged = { body: `${body} `, signature };
    await assert.rejects(createSignatureVerifier({ secrets: SECRET })(forged), refusal("ERR_WEBHOOK_MISMATCH"));
  }
});

test("createSignatureVerifier() returns a new array, even for bytes of the caller", skipped, async () => {
  const body = utf8(V4);
  const verifying = createSignatureVerifier({ secrets: SECRET })({ body, signature: await sign(V4) });
  body.fill(0);
  assert.deepEqual([...await verifying], [...utf8(V4)]);
});

test("createSignatureVerifier() applies the limits of a webhook", skipped, async () => {
  const verify = createSignatureVerifier({ secrets: SECRET, maxBodyBytes: 3 });
  await assert.rejects(verify({ body: "data", signature: await sign("data") }), refusal("ERR_WEBHOOK_TOO_LARGE"));
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

test("createWebhookVerifier() refuses an empty, missing, quoted or padded secret at creation, and does not quote it", () => {
  const bad: readonly unknown[] = [
    ...["", [], [""], ["right", ""], undefined, null, [undefined], [["x"]], 7, {}, [, "x"]],
    ...[
      "undefined",
      "null",
      "s3cr3t ",
      "\ts3cr3t",
      "s3cr3t\n",
      "s3cr3t\r\n",
      "s3\ncr3t",
      "\ufeffs3cr3t",
      "s3cr3t\u00a0",
    ],
    ...['"s3cr3t"', "'s3cr3t'", "`s3cr3t`", ["right", '"s3cr3t"']],
  ];
  for (const secrets of bad) {
    for (const create of [createWebhookVerifier, createSignatureVerifier]) {
      assert.throws(() => create({ secrets: secrets as string }), (error) => {
        return refusal("ERR_WEBHOOK_SECRET")(error) && !String(error).includes("3");
      }, JSON.stringify(secrets));
    }
  }
});

test("createWebhookVerifier() refuses unknown options", () => {
  const misspelt = { secrets: SECRET, maxBytes: 7 } as { secrets: string };
  assert.throws(() => createWebhookVerifier(misspelt), { name: "TypeError", message: /maxBytes.*maxBodyBytes/ });
  for (const options of [undefined, null, SECRET]) {
    assert.throws(() => createWebhookVerifier(options as unknown as { secrets: string }), { name: "TypeError" });
  }
  if (hasSubtle) createWebhookVerifier({ secrets: SECRET, maxBodyBytes: undefined, bodyTimeoutMs: undefined });
});

test("createWebhookVerifier() throws ERR_RUNTIME without SubtleCrypto", () => {
  if (hasSubtle) return assert.equal(typeof createWebhookVerifier({ secrets: SECRET }), "function");
  assert.throws(() => createWebhookVerifier({ secrets: SECRET }), refusal("ERR_RUNTIME"));
});

test("createWebhookVerifier() reads no secret from a polluted prototype", skipped, async () => {
  const signature = await sign(V4, "attacker's");
  const prototype = Object.prototype as { secrets?: string };
  prototype.secrets = "attacker's";
  try {
    await assert.rejects(
      (async () => await createWebhookVerifier({} as { secrets: string })({ body: V4, signature }))(),
      refusal("ERR_WEBHOOK_SECRET"),
    );
  } finally {
    delete prototype.secrets;
  }
});

/** The names that an engine may read from an HMAC algorithm, its hash or its key, with values that would change them. */
const POLLUTION: Readonly<Record<string, unknown>> = {
  name: "HMAC-MD5",
  hash: "SHA-1",
  length: 8,
  public: {},
  saltLength: 1,
  outputLength: 8,
};

for (const [name, value] of Object.entries(POLLUTION)) {
  test(`createSignatureVerifier() does not depend on a polluted Object.prototype.${name}`, skipped, async () => {
    const signature = await sign(V4);
    const forged = await sign(V4, SECRET.slice(0, 1));
    Object.defineProperty(Object.prototype, name, { value, writable: true, configurable: true });
    let results;
    try {
      const verify = createSignatureVerifier({ secrets: SECRET });
      results = await Promise.allSettled([signature, forged].map((signature) => verify({ body: V4, signature })));
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
    const [honest, forgery] = results;
    assert.equal(honest?.status, "fulfilled", honest?.status === "rejected" ? String(honest.reason) : "");
    assert.equal(forgery?.status === "rejected" && forgery.reason.code, "ERR_WEBHOOK_MISMATCH");
  });
}

test(
  "createWebhookVerifier() refuses a body signed with the empty key, with this runtime's own HMAC",
  skipped,
  async () => {
    const [honest, forged] = [await sign(V4), await sign(V4, "\0")];
    const verify = createWebhookVerifier({ secrets: [SECRET, "other"] });
    for (let use = 0; use < 3; use++) {
      assert.equal((await verify({ body: V4, signature: honest })).event_id, "1708102555327.NLOjmg");
      await assert.rejects(verify({ body: V4, signature: forged }), refusal("ERR_WEBHOOK_MISMATCH"));
    }
  },
);

test(
  "createWebhookVerifier() never changes the bytes of a secret",
  { ...replacing("crypto"), ...skipped },
  async () => {
    const [honest, emptyKey] = [await sign(V4), await sign(V4, "\0")]; // HMAC pads keys with zeros, so this is the empty key
    await withGlobals({ crypto: { subtle: referencingSubtle() } }, async () => {
      const verify = createWebhookVerifier({ secrets: ["other", SECRET] });
      for (let use = 0; use < 3; use++) {
        assert.equal((await verify({ body: V4, signature: honest })).event_id, "1708102555327.NLOjmg");
        await assert.rejects(verify({ body: V4, signature: emptyKey }), refusal("ERR_WEBHOOK_MISMATCH"));
      }
      await createSignatureVerifier({ secrets: SECRET })({ body: V4, signature: honest });
      const forging = createSignatureVerifier({ secrets: SECRET })({ body: V4, signature: emptyKey });
      await assert.rejects(forging, refusal("ERR_WEBHOOK_MISMATCH"));
    });
  },
);
