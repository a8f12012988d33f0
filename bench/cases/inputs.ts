/**
 * The payloads, opened step by step: the inputs of each stage.
 *
 * @module
 */

import { payloads, settings } from "bench:data";
import { Buffer } from "node:buffer";
import { createDecipheriv } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import type { Bytes, OwnBytes } from "../contestant.ts";
import type { Payload } from "../payloads.ts";
import { KEY } from "../settings.ts";

/** A payload, with the result of every stage. */
export interface Opened extends Payload {
  readonly nonce: OwnBytes;
  /** Ciphertext and tag. */
  readonly ciphertext: OwnBytes;
  readonly compressed: Uint8Array;
  readonly json: Uint8Array;
}

/** The key's 32 bytes. */
export const rawKey: OwnBytes = own(Buffer.from(KEY, "base64"));

const measured = payloads.filter(({ bytes }) => bytes <= settings.maxBytes);

/** The sizes that this run measures, smallest first. */
export const sizes: readonly number[] = [...new Set(measured.map(({ bytes }) => bytes))].sort((a, b) => a - b);

const opened: readonly Opened[] = measured.map((payload) => {
  const envelope = own(Buffer.from(payload.sealed, "base64"));
  const [nonce, ciphertext] = [envelope.subarray(4, 16), envelope.subarray(16)];
  const decipher = createDecipheriv("aes-256-gcm", rawKey, nonce).setAuthTag(ciphertext.subarray(-16));
  const compressed = own(Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]));
  return { ...payload, nonce, ciphertext, compressed, json: own(inflateRawSync(compressed)) };
});

/** The payloads of a size, of one version or of both. */
export function openedOf(bytes: number, version?: 3 | 4): Opened[] {
  return opened.filter((each) => each.bytes === bytes && (version === undefined || each.version === version));
}

/** Copies bytes into their own memory, because a Buffer may share its memory with others. */
function own(bytes: Uint8Array): OwnBytes {
  return new Uint8Array(bytes);
}

/** Bytes as text for comparison, beginning with the length, which differs most often. */
export function fingerprintOf(bytes: Bytes): string {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return `${view.length} ${Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("latin1")}`;
}
