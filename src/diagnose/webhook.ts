/**
 * Finds out why no signature of a webhook matches.
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import { type Bytes, bytesOf } from "../encoding/bytes.ts";
import { parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { parseSignatures, type WebhookMessage } from "../webhook/message.ts";
import { createSignatureCheck } from "../webhook/signature.ts";
import type { Diagnosis } from "./causes.ts";
import { propertyOf } from "../thrown.ts";
import { itemsOf } from "./values.ts";

/** The message of each cause why no signature of a webhook matches. */
export const WEBHOOK_CAUSES = {
  SIGNATURE_HEADER: "The signature has no v1 entry: pass the whole value of the header FPJS-Event-Signature.",
  SECRET_UNSET: "A secret is missing, empty or not text. Is the environment variable set? Workers have env.",
  SECRET_BLANKS: "A secret has blanks or a line break around it, as when a file is read whole: remove them.",
  SECRET_QUOTED: "A secret is in quotation marks, as when a shell or an .env file keeps them: remove them.",
  BODY_BASE64: "The body is in base64: decode it. AWS Lambda encodes bodies: check isBase64Encoded.",
  BODY_JSON: "The body was parsed and written again: read it before a parser does, as by express.raw().",
  BODY_LINE_BREAKS: "Line breaks of the body were converted, added or removed: pass the raw body.",
  BODY_TYPE: "The body is neither text, bytes nor parsed JSON, or is over 64 KiB.",
  NO_MATCH: "The secret is that of another webhook or was rotated, the body was changed, or the webhook is forged.",
} as const;

/** A likely cause why no signature of a webhook matches. */
export type WebhookDiagnosisCode = keyof typeof WEBHOOK_CAUSES;
/** A likely cause why a webhook is refused; the subject is `signature`, `body`, `secrets[0]` and so on. */
export type WebhookDiagnosis = Diagnosis<WebhookDiagnosisCode>;

const [MAX_BODY_BYTES, MAX_SECRETS] = [64 * 1024, 8];

/**
 * Finds out why `createWebhookVerifier` refuses a webhook with `ERR_WEBHOOK_MISMATCH`: it tries the usual changes of a
 * body, and of a secret, until a signature matches.
 *
 * @param message The body, in bytes, as text or as the object parsed from it, and the value of the header.
 * @param secrets The secret or secrets, of which 8 are tried.
 * @returns What to undo so that a signature matches, or what is missing; empty if one matches. It never rejects.
 *
 * @example Find out why a signature does not match
 * ```ts
 * import { diagnoseWebhook } from "@unseal/sealed-results/diagnose";
 * import assert from "node:assert/strict";
 *
 * const signature = "v1=1b2c16b75bd2a870c114153ccda5bcfca63314bc722fa160d690de133ccbb9db";
 * const [cause] = await diagnoseWebhook({ body: "ZGF0YQ==", signature }, "secret");
 * assert.equal(cause?.code, "BODY_BASE64");
 * ```
 */
export async function diagnoseWebhook(
  message: { readonly body: unknown; readonly signature: WebhookMessage["signature"] },
  secrets: string | readonly string[],
): Promise<WebhookDiagnosis[]> {
  const list = itemsOf(secrets, MAX_SECRETS) ?? [secrets];
  const keys = list.flatMap((secret, place) => secretsOf(secret, `secrets[${place}]`));
  const bodies = bodiesOf(propertyOf(message, "body"));
  try {
    const signatures = parseSignatures(propertyOf(message, "signature"));
    if (bodies.length === 0) return [causeOf("BODY_TYPE", "body")];
    if (keys.length === 0) return [causeOf("SECRET_UNSET", "secrets[0]")];
    for (const [secret, ...ofSecret] of keys) {
      const isSigned = createSignatureCheck([secret]);
      for (const [body, ...ofBody] of bodies) if (await isSigned({ signatures, body })) return [...ofBody, ...ofSecret];
    }
  } catch (error) {
    if (propertyOf(error, "code") === "ERR_WEBHOOK_SIGNATURE") return [causeOf("SIGNATURE_HEADER", "signature")];
    // Otherwise, this runtime has no SubtleCrypto with verify().
  }
  return [causeOf("NO_MATCH", "signature")];
}

/** A form of a body or secret, with its cause; the form as given is without a cause. */
type Form<Value> = readonly [value: Value, ...cause: WebhookDiagnosis[]];

function causeOf(code: WebhookDiagnosisCode, subject: string): WebhookDiagnosis {
  return { code, subject, message: WEBHOOK_CAUSES[code] };
}

function secretsOf(secret: unknown, subject: string): Form<string>[] {
  if (typeof secret !== "string") return [];
  const trimmed = secret.trim();
  const bare = trimmed.replace(/^(["'`])(.*)\1$/s, "$2").trim();
  const [blanks, quoted] = [causeOf("SECRET_BLANKS", subject), causeOf("SECRET_QUOTED", subject)];
  return bare === "" ? [] : [[secret], [trimmed, blanks], [bare, quoted]];
}

function bodiesOf(body: unknown): Form<Bytes>[] {
  const bytes = bytesOf(body);
  const text = typeof body === "string" ? body : bytes && decodeUtf8(bytes);
  if ((bytes ?? text ?? "").length > MAX_BODY_BYTES) return [];
  const encode = (form: string): Bytes => new TextEncoder().encode(form);
  const given = text === undefined ? bytes : encode(text);
  const forms: Form<Bytes>[] = given === undefined ? [] : [[new Uint8Array(given)]];
  const add = (code: WebhookDiagnosisCode, all: readonly string[]) =>
    forms.push(...all.map((form): Form<Bytes> => [encode(form), causeOf(code, "body")]));
  if (text !== undefined) {
    const decoded = decodeBase64Portable(text);
    if (decoded !== undefined) forms.push([decoded, causeOf("BODY_BASE64", "body")]);
    const lines = text.replaceAll("\r\n", "\n");
    add("BODY_LINE_BREAKS", [lines, lines.replaceAll("\n", "\r\n"), lines.trimEnd(), `${lines}\n`, `${lines}\r\n`]);
  }
  add("BODY_JSON", jsonsOf(text !== undefined ? parseJson(text) : bytes === undefined ? body : undefined));
  return forms;
}

/** JSON as JavaScript and Go write it. */
function jsonsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return typeof value === "string" ? [value] : [];
  try {
    const compact = JSON.stringify(value);
    const escaped = compact.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026");
    return [compact, escaped].flatMap((form) => [form, `${form}\n`]);
  } catch {
    return []; // A cycle, or a getter that throws.
  }
}
