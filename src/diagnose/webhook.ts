/**
 * Finds out why no signature of a webhook matches.
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import { bytesOf } from "../encoding/bytes.ts";
import { parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { parseSignatures, type WebhookMessage } from "../webhook/message.ts";
import { createSignatureCheck } from "../webhook/signature.ts";
import { fromLatin1 } from "./undo.ts";
import { isList, peek } from "./values.ts";

/** A likely cause why no signature of a webhook matches. */
export type WebhookDiagnosisCode =
  | "SIGNATURE_HEADER"
  | "SECRET_UNSET"
  | "SECRET_BLANKS"
  | "SECRET_QUOTED"
  | "BODY_BASE64"
  | "BODY_JSON"
  | "BODY_LINE_BREAKS"
  | "BODY_MARK"
  | "BODY_CHARSET"
  | "BODY_TYPE"
  | "NO_MATCH";

/** The message of each cause. */
const CAUSES: Readonly<Record<WebhookDiagnosisCode, string>> = {
  SIGNATURE_HEADER:
    "The signature is missing or has no v1 entry: pass the whole value of the header FPJS-Event-Signature.",
  SECRET_UNSET:
    "A secret is missing, empty or not text: is the environment variable set? On Workers, secrets are in env.",
  SECRET_BLANKS: "A secret has blanks or a line break around it, as when a file is read whole: remove them.",
  SECRET_QUOTED: "A secret is in quotation marks, as when a shell or an .env file keeps them: remove them.",
  BODY_BASE64: "The body is in base64: decode it. AWS Lambda encodes bodies: check isBase64Encoded.",
  BODY_JSON:
    "The body was parsed and written again, which changes its bytes: read the raw body before a parser does, " +
    "for example with express.raw() or request.text().",
  BODY_LINE_BREAKS: "Line breaks of the body were converted, added or removed: pass the raw body.",
  BODY_MARK: "A byte order mark was added to the body, or removed: pass the raw body.",
  BODY_CHARSET: "The body was read with one character for each byte: read it as UTF-8 or as bytes.",
  BODY_TYPE: "The body is neither text, bytes nor parsed JSON, or is over 1 MiB.",
  NO_MATCH:
    "No signature matches in any way that is tried here. The secret is that of another webhook or was rotated, the body " +
    "was changed, or the webhook is forged.",
};

/** A likely cause why a webhook is refused. It contains no part of the webhook or of a secret, and can be logged. */
export interface WebhookDiagnosis {
  /** The cause. */
  readonly code: WebhookDiagnosisCode;
  /** The argument at fault: `signature`, `body`, `secrets[0]` and so on. */
  readonly subject: string;
  /** The cause and its remedy. The text depends on the code alone. */
  readonly message: string;
}

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_SECRETS = 8;

/**
 * Finds out why `createWebhookVerifier` refuses a webhook with `ERR_WEBHOOK_MISMATCH`: it tries the usual changes of a
 * body, and of a secret, until a signature matches.
 *
 * @param message The body, in bytes, as text or as the object parsed from it, and the value of the header.
 * @param secrets The secret or secrets.
 * @returns What has to be undone so that a signature matches, or what is missing. Empty if one matches as it is. The
 * promise never rejects.
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
  const signatures = signaturesOf(peek(message, "signature"));
  if (signatures === undefined) return [causeOf("SIGNATURE_HEADER", "signature")];
  const list = isList(secrets) ? Array.from({ length: MAX_SECRETS }, (_, place) => peek(secrets, place)) : [secrets];
  const bodies = bodiesOf(peek(message, "body"));
  if (bodies.length === 0) return [causeOf("BODY_TYPE", "body")];
  const usable = list.flatMap((secret, place) => secretsOf(secret, `secrets[${place}]`));
  if (usable.length === 0) return [causeOf("SECRET_UNSET", "secrets[0]")];
  try {
    for (const { value: secret, cause: ofSecret } of usable) {
      const isSigned = createSignatureCheck([secret]);
      for (const { value: body, cause: ofBody } of bodies) {
        const isMatch = await isSigned({ signatures, body: new Uint8Array(body) });
        if (isMatch) return [ofBody, ofSecret].filter((cause) => cause !== undefined);
      }
    }
  } catch {
    // This runtime has no SubtleCrypto with verify().
  }
  return [causeOf("NO_MATCH", "signature")];
}

/** A form of a body or secret, and the cause if that form matches; none for the form as given. */
interface Form<Value> {
  readonly value: Value;
  readonly cause?: WebhookDiagnosis;
}

function causeOf(code: WebhookDiagnosisCode, subject: string): WebhookDiagnosis {
  return { code, subject, message: CAUSES[code] };
}

function signaturesOf(header: unknown): Uint8Array[] | undefined {
  try {
    return parseSignatures(header);
  } catch {
    return undefined;
  }
}

function secretsOf(secret: unknown, subject: string): Form<string>[] {
  if (typeof secret !== "string") return [];
  const trimmed = secret.trim();
  const forms: Form<string>[] = [
    { value: secret },
    { value: trimmed, cause: causeOf("SECRET_BLANKS", subject) },
    { value: trimmed.replace(/^(["'`])(.*)\1$/s, "$2").trim(), cause: causeOf("SECRET_QUOTED", subject) },
  ];
  return forms.filter(({ value }, place) => value !== "" && forms.findIndex((form) => form.value === value) === place);
}

function bodiesOf(body: unknown): Form<Uint8Array>[] {
  const bytes = bytesOf(body);
  const text = typeof body === "string" ? body : bytes === undefined ? undefined : decodeUtf8(bytes);
  if ((bytes?.length ?? text?.length ?? 0) > MAX_BODY_BYTES) return [];
  const forms: [WebhookDiagnosisCode | undefined, Uint8Array | string | undefined][] = [[undefined, bytes ?? text]];
  if (text !== undefined) {
    const lines = text.replaceAll("\r\n", "\n");
    forms.push(
      ["BODY_BASE64", decodeBase64Portable(text)],
      ["BODY_MARK", text.replace(/^\ufeff/, "")],
      ["BODY_MARK", `\ufeff${text}`],
      ["BODY_CHARSET", fromLatin1(text)],
      ...[lines, lines.replaceAll("\n", "\r\n"), lines.trimEnd(), `${lines}\n`, `${lines}\r\n`]
        .map((lines) => ["BODY_LINE_BREAKS", lines] as [WebhookDiagnosisCode, string]),
    );
  }
  for (const json of jsonOf(text !== undefined ? parseJson(text) : bytes === undefined ? body : undefined)) {
    forms.push(["BODY_JSON", json]);
  }
  return forms.filter(([, value]) => value !== undefined).map(([code, value]) => ({
    value: typeof value === "string" ? new TextEncoder().encode(value) : value!, // filtered
    ...code !== undefined && { cause: causeOf(code, "body") },
  }));
}

/** JSON as Go and JavaScript write it. */
function jsonOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  try {
    const compact = JSON.stringify(value);
    const escaped = compact.replace(
      /[<>&\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    return [compact, escaped, JSON.stringify(value, null, 2)].flatMap((json) => [json, `${json}\n`]);
  } catch {
    return []; // A cycle, or a getter that throws.
  }
}
