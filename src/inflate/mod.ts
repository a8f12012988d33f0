/**
 * A raw DEFLATE decoder (RFC 1951) in TypeScript, with an exact output limit and a precise reason for each refusal.
 *
 * @example Decompress
 * ```ts
 * import { inflateRaw } from "@unseal/sealed-results/inflate";
 * import assert from "node:assert/strict";
 *
 * const text = new TextDecoder().decode(inflateRaw(new Uint8Array([0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])));
 * assert.equal(text, "hello");
 * ```
 *
 * @module
 */

export { type Inflate, type InflateOptions, inflateRaw } from "./inflate-raw.ts";
export { platformInflate } from "./platform.ts";
export { InflateError, type InflateReason } from "./errors.ts";
