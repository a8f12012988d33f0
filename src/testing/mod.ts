/**
 * Creates keys, events and sealed results, for tests without a Fingerprint account.
 *
 * It needs `crypto.getRandomValues` and a `SubtleCrypto` that encrypts.
 *
 * @example Test a backend
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { generateKey, sampleEventV4, seal } from "@unseal/sealed-results/testing";
 * import assert from "node:assert/strict";
 *
 * const key = generateKey();
 * const sealedResult = await seal(sampleEventV4({ bot: "bad" }), key);
 *
 * const event = await createUnsealer({ keys: key, version: "v4" }).unseal(sealedResult);
 * assert.equal(event.bot, "bad");
 * ```
 *
 * @module
 */

export type { Overrides } from "./overrides.ts";
export { sampleEventV3, sampleEventV4 } from "./sample-events.ts";
export { generateKey, seal, type SealOptions } from "./seal.ts";
