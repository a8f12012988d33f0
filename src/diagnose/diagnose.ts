/**
 * Lists the likely causes of a refusal: faults of the sealed result, of the keys and of the cipher.
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import { bytesOf } from "../encoding/bytes.ts";
import { KEY_BYTES } from "../unseal/cipher.ts";
import { UnsealError } from "../unseal/errors.ts";
import type { UnsealerOptions } from "../unseal/options.ts";
import { createUnsealer } from "../unseal/unseal.ts";
import { type Diagnosis, type DiagnosisCode, diagnosisOf } from "./causes.ts";
import { findSealed, type FoundSealed, MAX_CHARACTERS } from "./search.ts";
import { propertyOf } from "../thrown.ts";
import { toLatin1 } from "../encoding/latin1.ts";
import { hasMethods, itemsOf } from "./values.ts";

/**
 * Lists likely causes why a sealed result cannot be opened.
 *
 * @param sealed The argument of `unseal`: any value.
 * @param keys The option `keys`: any value. Leave it out to diagnose the sealed result alone; `undefined` is diagnosed
 * as a key that is not set.
 * @param cipher The option `cipher`, if any.
 * @returns The causes: those of the sealed result, of the keys, of the cipher. For a sealed result that was found in
 * `sealed`, all that was undone to find it, in this order. If no key fits it, `LOOKS_RIGHT` follows, or `SEALED_CUT`
 * comes first when a part seems to be missing. Empty if `sealed` can be opened as it is, or without keys, has the right
 * form. The promise never rejects.
 *
 * @example Log why a result was refused
 * ```ts
 * import { diagnose } from "@unseal/sealed-results/diagnose";
 * import assert from "node:assert/strict";
 *
 * const body = new TextEncoder().encode("noXc7SXO+mqeAGrvBMgObi/S0fXTpP3zupk8qFqsO/1zdtWCD169");
 * const [cause] = await diagnose(body, "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=");
 * assert.equal(cause?.message, "It is base64 text that was given as bytes: pass a string.");
 * ```
 */
export async function diagnose(sealed: unknown, keys?: unknown, cipher?: unknown): Promise<Diagnosis[]> {
  const causes = arguments.length > 1 ? findKeyCauses(keys) : [];
  // A SubtleCrypto has a cipher's methods, with other parameters.
  const isCipher = hasMethods(cipher, "importKey", "decrypt") && !hasMethods(cipher, "digest");
  if (cipher !== undefined && !isCipher) causes.push(diagnosisOf("CIPHER", "cipher"));
  const all = findSealed(sealed);
  const [found, verdict] = arguments.length > 1 && causes.length === 0 ? await prove(all, keys, cipher) : [all[0]];
  return [...causesOf(sealed, found, verdict), ...causes];
}

/** What the keys made of a sealed result: an event, other content, or nothing. */
export type Verdict = "OPENED" | "CONTENT" | "LOOKS_RIGHT";

/** Tries each, and returns the first that a key fits, or the first. */
async function prove(all: FoundSealed[], keys: unknown, cipher: unknown): Promise<[FoundSealed | undefined, Verdict]> {
  try {
    const { unseal } = createUnsealer({ keys, ...cipher !== undefined && { cipher } } as UnsealerOptions);
    for (const found of all) {
      const verdict = verdictOf(await unseal(found.sealed).then(() => undefined, (error: unknown) => error));
      if (verdict !== "LOOKS_RIGHT") return [found, verdict];
    }
  } catch {
    // The runtime cannot decrypt, or the cipher fails: the diagnosis is unproven.
  }
  return [all[0], "LOOKS_RIGHT"];
}

/** What the error of `unseal()`, if any, says about the keys. */
export function verdictOf(error: unknown): Verdict {
  if (error === undefined) return "OPENED";
  if (!(error instanceof UnsealError)) throw error;
  return /^ERR_(?:DEFLATE|EVENT_)/.test(error.code) ? "CONTENT" : "LOOKS_RIGHT";
}

/** The causes for a refused value: what had to be undone, and the verdict on what was found in it, if it was tried. */
export function causesOf(value: unknown, found: FoundSealed | undefined, verdict?: Verdict): Diagnosis[] {
  if (found === undefined) return [diagnosisOf(findOtherCause(value), "sealed")];
  const isCut = found.isCut && verdict !== "OPENED" && verdict !== "CONTENT";
  const codes: DiagnosisCode[] = isCut ? ["SEALED_CUT", ...found.undone] : [...found.undone];
  if (!isCut && verdict !== undefined && verdict !== "OPENED") codes.push(verdict);
  return codes.map((code) => ({ ...diagnosisOf(code, "sealed"), start: found.start }));
}

/** What a text is that contains no sealed result, by the text without the blanks that the core ignores. */
const TEXTS: readonly (readonly [RegExp, DiagnosisCode])[] = [
  [/^$/, "SEALED_EMPTY"],
  [/^(?:undefined|null|true|false|NaN|\[object\w+\])$/, "SEALED_STRINGIFIED"],
  [/"sealed_?result":null/i, "SEALED_UNSET"],
  [/"sealed_?result":\{\}/i, "SEALED_AGENT_OBJECT"],
  [/^\d{13}\.[A-Za-z0-9]{1,32}$/, "SEALED_EVENT_ID"],
  [/\ufffd|\xef\xbf\xbd/, "SEALED_DECODED"], // U+FFFD, or its bytes
];

/** What a value is that contains no sealed result. */
function findOtherCause(value: unknown): DiagnosisCode {
  if (value === undefined || value === null) return "SEALED_UNSET";
  const bytes = bytesOf(value);
  if (bytes === undefined && typeof value !== "string") {
    if (hasMethods(value, "base64")) return "SEALED_AGENT_OBJECT";
    const isUnread = ["then", "text", "arrayBuffer", "getReader", "pipe"].some((method) => hasMethods(value, method));
    return isUnread || typeof value === "function" ? "SEALED_UNREAD" : "SEALED_NOT_FOUND";
  }
  const text = bytes === undefined ? value as string : toLatin1(bytes.subarray(0, MAX_CHARACTERS + 1));
  if (text.length > MAX_CHARACTERS) return "SEALED_TOO_LARGE";
  const compact = text.replace(/[\t\n\f\r ]+/g, "");
  const known = TEXTS.find(([pattern]) => pattern.test(compact));
  if (known !== undefined) return known[1];
  const isBinary = bytes !== undefined && /[^\t-~]/.test(text);
  const decoded = isBinary || bytes?.length === KEY_BYTES ? bytes : decodeBase64Portable(text);
  if (decoded === undefined) return "SEALED_NOT_FOUND";
  return decoded.length === KEY_BYTES ? "SEALED_KEY" : "SEALED_OTHER_HEADER";
}

/** Only the beginning of longer text, and of longer lists, is checked. */
const [MAX_LENGTH, MAX_KEYS] = [1024, 64];

/** Returns why `keys` are probably refused or open nothing; an empty list when all have the form of a key. */
export function findKeyCauses(keys: unknown): Diagnosis[] {
  const list = itemsOf(keys, MAX_KEYS);
  return (list?.length === 0 ? [undefined] : list ?? [keys]).flatMap((key, place) => {
    const isNamed = typeof key === "object" &&
      (propertyOf(key, "key") !== undefined || propertyOf(key, "id") !== undefined);
    const code = findKeyCause(isNamed ? propertyOf(key, "key") : key);
    return code === undefined ? [] : [diagnosisOf(code, list === undefined ? "keys" : `keys[${place}]`)];
  });
}

function findKeyCause(key: unknown): DiagnosisCode | undefined {
  if (key === undefined || key === null) return "KEY_UNSET";
  if (typeof key === "string") return findKeyTextCause(key);
  const bytes = bytesOf(key);
  if (bytes === undefined) return "KEY_TYPE";
  if (bytes.length === KEY_BYTES) return undefined;
  const text = toLatin1(bytes.subarray(0, MAX_LENGTH));
  return /[^\t-~]/.test(text) ? "KEY_LENGTH" : findKeyTextCause(text) ?? "KEY_TEXT_AS_BYTES";
}

const KEY_TEXTS: readonly (readonly [RegExp, DiagnosisCode])[] = [
  [/^(?:undefined|null)?$/, "KEY_UNSET"],
  [/^noXc7/, "KEY_SEALED"],
  [/^[0-9a-f]{64}$/i, "KEY_HEX"],
  [/^[A-Za-z0-9]{20}$/, "KEY_API_KEY"],
];

function findKeyTextCause(given: string): DiagnosisCode | undefined {
  const text = given.slice(0, MAX_LENGTH);
  if (isKey(text)) return undefined;
  const compact = text.replace(/[\t\n\f\r ]/g, "");
  const known = KEY_TEXTS.find(([pattern]) => pattern.test(compact));
  if (known !== undefined) return known[1];
  const within = text.match(/[\w+/-]{43,}=?/g)?.filter(isKey) ?? [];
  if (within.length > 0) return within.length > 1 ? "KEY_LIST" : "KEY_SURROUNDED";
  const bytes = decodeBase64Portable(text);
  return bytes === undefined ? "KEY_NOT_BASE64" : isKey(toLatin1(bytes)) ? "KEY_BASE64_AGAIN" : "KEY_LENGTH";
}

/** Whether the core accepts `text` as a key. */
const isKey = (text: string): boolean => decodeBase64Portable(text)?.length === KEY_BYTES;
