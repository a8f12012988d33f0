/**
 * The causes that `diagnose` knows, each with its message. The messages contain no part of the diagnosed values.
 *
 * @module
 */

/** The message of each cause. `docs/errors.md` has them as a table. */
export const CAUSES = {
  // What was undone to find a sealed result.
  SEALED_IN_OBJECT: "It is in an object, list or view: pass the text or the bytes.",
  SEALED_TEXT_AS_BYTES: "It is base64 text that was given as bytes: pass a string.",
  SEALED_BINARY_TEXT: "It is text of one character for each byte, as atob() returns it: pass the base64 text.",
  SEALED_INVISIBLE: "It contains invisible characters, such as a byte order mark, NUL or a zero-width space.",
  SEALED_QUOTED_PRINTABLE: "It is quoted-printable, as in mail.",
  SEALED_HTML: "It contains HTML entities.",
  SEALED_ESCAPES: "It contains backslash escapes, as in JSON: parse it.",
  SEALED_PERCENT: "It is percent-encoded: decode it once with decodeURIComponent.",
  SEALED_LINE_MARKS: "It has marks before each line, such as > or a line number.",
  SEALED_HEX: "It is hexadecimal: pass the bytes.",
  SEALED_NUMBERS: "It is a list of numbers: restore the bytes with Uint8Array.from().",
  SEALED_BASE64_AGAIN: "It was encoded in base64 again: decode it once; on AWS Lambda, check isBase64Encoded.",
  SEALED_PLUS: "Each + became a blank, as when a form is decoded: encode it with encodeURIComponent.",
  SEALED_SURROUNDED: "There is other text around it: pass the sealed result alone.",
  // What was passed in place of a sealed result.
  SEALED_UNSET:
    "It is missing or null: is it named sealedResult (v3) or sealed_result (v4), and is sealing switched on?",
  SEALED_EMPTY: "It is empty.",
  SEALED_UNREAD: "It is a promise, function, request, response, stream or blob: await, call or read it first.",
  SEALED_AGENT_OBJECT: "It is the object of agent v4: send the text that its base64() returns.",
  SEALED_STRINGIFIED: "It is the text of another value, such as undefined or [object Object]: convert that to base64.",
  SEALED_EVENT_ID: "It is the id of an event: send the sealed result, or get the event from the Server API.",
  SEALED_KEY: "It looks like a key: pass the sealed result first, the keys second.",
  SEALED_DECODED: "Its bytes were decoded as UTF-8 text, which destroys them: read the body with arrayBuffer().",
  SEALED_CUT: "It looks truncated by a column, header or log. If it is as long as in the page, the key is wrong.",
  SEALED_NOT_FOUND: "It contains no sealed result, whose text begins with noXc7, in any form that is known here.",
  SEALED_OTHER_HEADER: "Its bytes do not begin with 9E 85 DC ED: they are something else, or of a newer format.",
  SEALED_TOO_LARGE: "It is far larger than any sealed result that Fingerprint makes.",

  KEY_UNSET: "The key is undefined or empty: is the environment variable set? On Workers, secrets are in env.",
  KEY_SURROUNDED: "Other text is around the key, such as quotation marks or the name of a variable: remove it.",
  KEY_LIST: "The key is several keys in one text: split it, and pass the list as keys.",
  KEY_HEX: "The key is in hexadecimal: pass its base64 text from the dashboard, or its bytes.",
  KEY_BASE64_AGAIN: "The key is base64 of base64, as in a Kubernetes secret: decode it once.",
  KEY_TEXT_AS_BYTES: "The key is base64 text that was given as bytes: give it as a string.",
  KEY_API_KEY: "The key looks like an API key: the encryption key is under Sealed Client Results in the dashboard.",
  KEY_SEALED: "The key is a sealed result: pass the sealed result first, the keys second.",
  KEY_LENGTH: "The key is not 32 bytes long: was it copied as a whole?",
  KEY_NOT_BASE64: "The key is text, but not base64.",
  KEY_TYPE: "The key is neither text nor bytes: await a promise, and export a CryptoKey, KeyObject or JSON Web Key.",

  CIPHER: "This is not a cipher: pass nodeCipher(), or webCryptoCipher(subtle) in place of a Crypto or SubtleCrypto.",
  CONTENT: "A key fits, so it arrived unchanged, but it contains no event: see the code of the error of unseal().",
  LOOKS_RIGHT: "The form is right. The key is of another environment or was rotated, or it was truncated or changed.",
} as const;

/** A likely cause of a refusal: a fault of the sealed result, of a key or of the cipher, or `LOOKS_RIGHT`. */
export type DiagnosisCode = keyof typeof CAUSES;

/** A likely cause of a refusal. It contains no part of the diagnosed values, and can be logged. */
export interface Diagnosis<Code extends string = DiagnosisCode> {
  /** The cause. */
  readonly code: Code;
  /** The argument at fault: `sealed`, `keys`, `keys[0]` and so on, or `cipher`. */
  readonly subject: string;
  /** The cause and its remedy. The text depends on the code alone. */
  readonly message: string;
  /** Where the sealed result begins that was found, as in `FoundSealed`; absent if none was found. */
  readonly start?: number;
}

export function diagnosisOf(code: DiagnosisCode, subject: string): Diagnosis {
  return { code, subject, message: CAUSES[code] };
}
