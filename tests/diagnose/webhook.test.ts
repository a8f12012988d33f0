/** Why no signature of a webhook matches. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnoseWebhook, type WebhookDiagnosisCode } from "../../src/diagnose/mod.ts";
import { createWebhookVerifier } from "../../src/webhook/mod.ts";
import { toBase64, utf8 } from "../support/bytes.ts";
import { needsGlobals } from "../support/web.ts";
import { sign, skipped } from "../support/webhooks.ts";

const SECRET = "whsec_s3cr3t";
const EVENT =
  '{"event_id":"1708102555327.NLOjmg","timestamp":1708102555327,"tag":{"é":"a\\u003cb"},"url":"https://a.example/?a=1"}';

/** What arrives, for a body that is signed, and the secret as it is configured. */
const changes:
  readonly (readonly [WebhookDiagnosisCode[], title: string, sent: string, body: unknown, secret?: string])[] = [
    [["BODY_BASE64"], "a body in base64", EVENT, toBase64(utf8(EVENT))],
    [["BODY_BASE64"], "a body in base64, as bytes", EVENT, utf8(toBase64(utf8(EVENT)))],
    [["BODY_JSON"], "the parsed body", EVENT, JSON.parse(EVENT)],
    [["BODY_JSON"], "the parsed body of Go's encoder, which ends in a line break", `${EVENT}\n`, JSON.parse(EVENT)],
    [["BODY_JSON"], "re-serialised JSON", EVENT, JSON.stringify(JSON.parse(EVENT))],
    [["BODY_JSON"], "indented JSON", EVENT, JSON.stringify(JSON.parse(EVENT), null, 2)],
    [["BODY_JSON"], "indented JSON as bytes", EVENT, utf8(JSON.stringify(JSON.parse(EVENT), null, "\t"))],
    [["BODY_JSON"], "JSON in a JSON string", EVENT, JSON.stringify(EVENT)],
    [["BODY_LINE_BREAKS"], "a line break at the end", EVENT, `${EVENT}\n`],
    [["BODY_LINE_BREAKS"], "a line break that was trimmed", `${EVENT}\n`, EVENT],
    [["BODY_LINE_BREAKS"], "CRLF for LF", "{\n}\n", "{\r\n}\r\n"],
    [["BODY_LINE_BREAKS"], "LF for CRLF", "{\r\n}", utf8("{\n}")],
    [["SECRET_BLANKS"], "a secret with a line break", EVENT, EVENT, `${SECRET}\n`],
    [["SECRET_BLANKS"], "a secret with blanks", EVENT, utf8(EVENT), `  ${SECRET}\t`],
    [["SECRET_QUOTED"], "a secret in quotation marks", EVENT, EVENT, `"${SECRET}"`],
    [["SECRET_QUOTED"], "a secret in quotation marks with a line break", EVENT, EVENT, `'${SECRET}'\r\n`],
    [["BODY_BASE64", "SECRET_QUOTED"], "two mistakes", EVENT, toBase64(utf8(EVENT)), `"${SECRET}"`],
    [["NO_MATCH"], "a forged body", EVENT, EVENT.replace("1.a", "2")],
    [["NO_MATCH"], "another secret", EVENT, EVENT, "other"],
    [["BODY_TYPE"], "no body", EVENT, undefined],
    [["BODY_TYPE"], "a body over 64 KiB", EVENT, " ".repeat(64 * 1024 + 1)],
    [["SECRET_UNSET"], "an empty secret", EVENT, EVENT, ""],
  ];

for (const [codes, title, sent, body, secret = SECRET] of changes) {
  test(`diagnoseWebhook() finds ${codes.join(" and ")} in ${title}`, skipped, async () => {
    const signature = await sign(sent, SECRET);
    const given = title === "a forged body" ? `${EVENT}x` : body;
    for (const secrets of [secret, ["other", secret]]) {
      const found = await diagnoseWebhook({ body: given, signature }, secrets);
      assert.deepEqual(found.map(({ code }) => code), secret === "" && secrets !== "" ? ["NO_MATCH"] : codes);
      const text = JSON.stringify(found);
      assert.ok(!text.includes("s3cr3t") && !text.includes("1708102555327"), text);
    }
    const refuse = async () => await createWebhookVerifier({ secrets: secret })({ body: given as string, signature });
    await assert.rejects(refuse());
  });
}

test("diagnoseWebhook() finds no cause in a webhook whose signature matches", skipped, async () => {
  for (const body of [EVENT, "", "data", utf8(EVENT), utf8(EVENT).slice().buffer]) {
    const signature = await sign(typeof body === "string" ? body : EVENT, SECRET);
    assert.deepEqual(await diagnoseWebhook({ body, signature }, [SECRET]), []);
    assert.deepEqual(await diagnoseWebhook({ body, signature: ["v2=00", signature] }, SECRET), []);
  }
});

test("diagnoseWebhook() reads hostile values without an exception", needsGlobals("TextEncoder"), async () => {
  const fails = (): never => {
    throw new Error("content");
  };
  const trap = new Proxy({}, { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails });
  const { proxy: revoked, revoke } = Proxy.revocable([], {});
  revoke();
  const cycle: { it?: unknown } = {};
  cycle.it = cycle;
  const signature = `v1=${"00".repeat(32)}`;
  for (const value of [trap, revoked, cycle, undefined, null, 7, Symbol("x"), 1n, { toJSON: fails }, [], fails]) {
    for (const message of [value, { body: value, signature }, { body: EVENT, signature: value }]) {
      const found = await diagnoseWebhook(message as { body: string; signature: string }, value as string);
      assert.ok(found.length === 1);
    }
  }
});
