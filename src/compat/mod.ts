/**
 * The functions for sealed results of Fingerprint's Node SDKs (`@fingerprint/node-sdk` 7 and
 * `@fingerprintjs/fingerprintjs-pro-server-api` 6), with the same names, parameters and results, on every runtime.
 *
 * Changing the import is enough. There are three differences: no error contains the key or quotes the event; both
 * versions of events are accepted unless `version` selects one; and content that is not exactly one DEFLATE stream of
 * UTF-8, or is over 8 MiB, is refused. New code should use the main module, which imports the keys once.
 *
 * @module
 */

export { UnsealAggregateError, UnsealError } from "./errors.ts";
export { DecryptionAlgorithm, type DecryptionKey } from "./keys.ts";
export { type CompatOptions, parseEventsResponse, unseal, unsealEventsResponse } from "./unseal.ts";
export type { Cipher } from "../unseal/cipher.ts";
export type { EventByVersion, EventVersion, FingerprintEvent } from "../event/event.ts";
