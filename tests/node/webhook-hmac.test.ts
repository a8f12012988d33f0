/** Webhooks signed with the HMAC of `node:crypto`. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { createWebhookVerifier } from "../../src/webhook/mod.ts";
import { runs } from "../support/runs.ts";

const hmac = (body: Uint8Array, secret: string): string => createHmac("sha256", secret).update(body).digest("hex");

test("createWebhookVerifier() agrees with node:crypto on any secret and any event", async () => {
  const secrets = fc.string({ unit: "grapheme", maxLength: 200 }).map((secret) => `s${secret.replace(/[\r\n]/g, "")}.`);
  await fc.assert(
    fc.asyncProperty(secrets, fc.string(), fc.jsonValue(), async (secret, id, tag) => {
      const body = Buffer.from(JSON.stringify({ requestId: id, timestamp: 0, tag }));
      const event = await createWebhookVerifier({ secrets: secret })({ body, signature: `v1=${hmac(body, secret)}` });
      assert.deepEqual(event, JSON.parse(body.toString()));
      await assert.rejects(
        createWebhookVerifier({ secrets: secret })({ body, signature: `v1=${hmac(body, `${secret}.`)}` }),
        { code: "ERR_WEBHOOK_MISMATCH" },
      );
    }),
    { numRuns: runs(100) },
  );
});

test("inspect() of a verifier and its errors does not show the secret", async () => {
  const secret = "s3cr3t-0123456789";
  const verify = createWebhookVerifier({ secrets: secret });
  const error = await verify({ body: secret, signature: `v1=${"0".repeat(64)}` }).then(
    () => undefined,
    (error) => error,
  );
  assert.equal(error.code, "ERR_WEBHOOK_MISMATCH");
  for (const value of [verify, error]) assert.ok(!inspect(value, { depth: 9, showHidden: true }).includes(secret));
});
