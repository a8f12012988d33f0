/**
 * The causes that `diagnose` knows, each with its message. The messages are constants, so they contain no part of the
 * diagnosed values.
 *
 * @module
 */

/** A likely cause of a refusal: a fault of the sealed result, of a key or of the cipher, or `LOOKS_RIGHT`. */
export type DiagnosisCode =
  | "SEALED_FOUND"
  | "SEALED_UNSET"
  | "SEALED_EMPTY"
  | "SEALED_PROMISE"
  | "SEALED_UNREAD"
  | "SEALED_FUNCTION"
  | "SEALED_AGENT_OBJECT"
  | "SEALED_EVENT"
  | "SEALED_TYPE"
  | "SEALED_STRINGIFIED"
  | "SEALED_REQUEST_ID"
  | "SEALED_VISITOR_ID"
  | "SEALED_KEY"
  | "SEALED_DECODED"
  | "SEALED_CUT"
  | "SEALED_CASE"
  | "SEALED_NOT_FOUND"
  | "SEALED_OTHER_HEADER"
  | "SEALED_TOO_LARGE"
  | "KEY_UNSET"
  | "KEYS_EMPTY"
  | "KEY_PROMISE"
  | "KEY_QUOTED"
  | "KEY_ASSIGNMENT"
  | "KEY_LIST"
  | "KEY_HEX"
  | "KEY_BASE64_TWICE"
  | "KEY_BASE64_AS_BYTES"
  | "KEY_PERCENT"
  | "KEY_API_KEY"
  | "KEY_SEALED"
  | "KEY_CRYPTO_KEY"
  | "KEY_JWK"
  | "KEY_LENGTH"
  | "KEY_NOT_BASE64"
  | "KEY_TYPE"
  | "CIPHER_SUBTLE"
  | "CIPHER_CRYPTO"
  | "CIPHER_FUNCTION"
  | "CIPHER_METHODS"
  | "CONTENT"
  | "LOOKS_RIGHT";

/** The message of each cause. `docs/errors.md` has them as a table. */
export const CAUSES: Readonly<Record<DiagnosisCode, string>> = {
  SEALED_FOUND: "A sealed result was found in the value.",
  SEALED_UNSET:
    "The sealed result is missing: agent v3 names it sealedResult, agent v4 sealed_result, and both leave it " +
    "out or null when Sealed Client Results are off.",
  SEALED_EMPTY: "The sealed result is empty.",
  SEALED_PROMISE: "The sealed result is a promise: await it.",
  SEALED_UNREAD: "The sealed result is a request, response, stream or blob: read it first, for example by text().",
  SEALED_FUNCTION: "The sealed result is a function: call it.",
  SEALED_AGENT_OBJECT: "The sealed result is the object of agent v4: send the text that its base64() returns.",
  SEALED_EVENT: "The sealed result is an event that is not sealed, or was opened before.",
  SEALED_TYPE: "The sealed result is neither text nor bytes.",
  SEALED_STRINGIFIED:
    "The sealed result is the text of another value, such as undefined or [object Object]: convert it " +
    "to base64, not to a string.",
  SEALED_REQUEST_ID:
    "The sealed result is the id of an event (requestId, event_id): get the event from the Server API, or " +
    "send the sealed result.",
  SEALED_VISITOR_ID: "The sealed result looks like a visitor id or an API key.",
  SEALED_KEY: "The sealed result looks like a key: pass the sealed result first, the keys second.",
  SEALED_DECODED: "The sealed result is bytes that were decoded as UTF-8 text, which destroys them: read the body as " +
    "bytes, with arrayBuffer().",
  SEALED_CUT:
    "The sealed result looks truncated, as by the limit of a column, header or log: compare its length with that in " +
    "the page. If they are equal, the key is wrong.",
  SEALED_CASE: "The letters of the sealed result were converted to lower or upper case, which destroys it.",
  SEALED_NOT_FOUND:
    "The value contains no sealed result, whose text begins with noXc7, in any form that is known here.",
  SEALED_OTHER_HEADER:
    "The bytes do not begin with the header of a sealed result (9E 85 DC ED): they are something else, or " +
    "of a newer format.",
  SEALED_TOO_LARGE: "The sealed result is far larger than any that Fingerprint makes.",

  KEY_UNSET: "The key is undefined or empty: is the environment variable set? On Workers, secrets are in env.",
  KEYS_EMPTY: "The list of keys is empty.",
  KEY_PROMISE: "The key is a promise: await it.",
  KEY_QUOTED: "The key is in quotation marks, as when a shell or an .env file keeps them: remove them.",
  KEY_ASSIGNMENT: "The key begins with the name of a variable and =: pass only the text after it.",
  KEY_LIST: "The key is several keys in one text: split it, and pass the list as keys.",
  KEY_HEX: "The key is in hexadecimal: pass its base64 text from the dashboard, or its bytes.",
  KEY_BASE64_TWICE: "The key is base64 of base64, as in a Kubernetes secret: decode it once.",
  KEY_BASE64_AS_BYTES: "The key is base64 text that was given as bytes: give it as a string.",
  KEY_PERCENT: "The key is percent-encoded: decode it with decodeURIComponent.",
  KEY_API_KEY: "The key looks like an API key: a sealed result is opened by the encryption key, under Sealed Client " +
    "Results in the dashboard.",
  KEY_SEALED: "The key is a sealed result: pass the sealed result first, the keys second.",
  KEY_CRYPTO_KEY: "The key is a CryptoKey or KeyObject: pass base64 text or bytes.",
  KEY_JWK: "The key is a JSON Web Key or other JSON: pass base64 text or bytes.",
  KEY_LENGTH: "The key is not 32 bytes long: was it copied as a whole?",
  KEY_NOT_BASE64: "The key is text, but not base64.",
  KEY_TYPE: "The key is neither text nor bytes.",

  CIPHER_SUBTLE: "The cipher is a SubtleCrypto: pass webCryptoCipher(subtle).",
  CIPHER_CRYPTO: "The cipher is a Crypto: pass webCryptoCipher(crypto.subtle).",
  CIPHER_FUNCTION: "The cipher is a function: call it, as in nodeCipher().",
  CIPHER_METHODS: "The cipher lacks importKey() or decrypt().",

  CONTENT:
    "A key fits, so the sealed result arrived unchanged, but its content is not an event of Fingerprint: see the code " +
    "of the error of unseal().",
  LOOKS_RIGHT:
    "The sealed result and the keys have the right form. If no key fits, the key belongs to another environment " +
    "or was rotated, or the sealed result was truncated or changed in transit, which looks like a wrong key.",
};
