/**
 * A guard with a fixed clock, and events of its time.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { FingerprintEvent } from "../../mod.ts";
import {
  createReplayGuard,
  memoryStore,
  ReplayError,
  type ReplayErrorCode,
  type ReplayGuard,
  type ReplayGuardOptions,
} from "../../src/replay/mod.ts";

export const NOW = 1_795_000_000_000;

export function guardOf(options: Partial<ReplayGuardOptions> = {}): ReplayGuard {
  return createReplayGuard({ store: memoryStore({ now: () => NOW }), now: () => NOW, ...options });
}

export function v4(fields: Readonly<Record<string, unknown>> = {}): FingerprintEvent {
  return {
    event_id: "id-4",
    timestamp: NOW,
    ip_address: "192.0.2.1",
    url: "https://shop.example/cart?x",
    ...fields,
  } as FingerprintEvent;
}

export function v3(fields: Readonly<Record<string, unknown>> = {}, products: object = {}): FingerprintEvent {
  const data = { requestId: "id-3", timestamp: NOW, ip: "192.0.2.1", url: "https://shop.example/cart?x", ...fields };
  return { products: { identification: { data }, ...products } } as FingerprintEvent;
}

export async function refuses(check: Promise<unknown>, code: ReplayErrorCode, claim?: string): Promise<ReplayError> {
  const error = await check.then(() => assert.fail(`Passed, expected ${code}`), (reason: unknown) => reason);
  return assertRefusal(error, code, claim);
}

export function assertRefusal(error: unknown, code: ReplayErrorCode, claim?: string): ReplayError {
  assert.ok(error instanceof ReplayError, String(error));
  assert.equal(error.name, "ReplayError");
  assert.equal(error.code, code);
  assert.equal(error.claim, claim);
  assert.equal("claim" in error, claim !== undefined);
  return error;
}
