/**
 * A stand-in for Fingerprint, and keys, events and sealed results, for development and tests without an account.
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
export { parseScenario, type Scenario } from "./scenario.ts";
export { generateKey, seal, type SealOptions } from "./seal.ts";
export type { SandboxFault } from "./sandbox/faults.ts";
export type { SandboxOptions, SandboxWebhook } from "./sandbox/options.ts";
export { createSandbox, type Sandbox } from "./sandbox/sandbox.ts";
export type { SandboxEvent, VisitRequest } from "./sandbox/types.ts";
export type { SandboxDelivery } from "./sandbox/webhooks.ts";
