/**
 * The unsealers as an application sees them.
 *
 * @module
 */

import type { Bytes } from "../encoding/bytes.ts";
import type { FingerprintEvent } from "../event/event.ts";
import type { KeyUsage } from "./keyring.ts";
import type { SealedResult } from "./sealed.ts";

/** An opened sealed result that was not parsed. */
export interface OpenedBytes {
  /** The event's JSON as it was sealed, byte for byte, to store or to forward. */
  readonly bytes: Bytes;
  /** The id of the key that opened it. */
  readonly keyId: string;
}

/** An opened sealed result. */
export interface OpenedResult<Event = FingerprintEvent> extends OpenedBytes {
  /** The event. */
  readonly event: Event;
}

/** Opens sealed results with a fixed set of keys. It may be shared and called concurrently. */
export interface Unsealer<Event = FingerprintEvent> {
  /**
   * Opens a sealed result.
   *
   * @param sealed Untrusted. Bytes are copied at once, and never changed.
   * @returns The event.
   * @throws {UnsealError} See {@linkcode UnsealErrorCode}. The promise rejects; nothing is thrown synchronously.
   */
  unseal(sealed: SealedResult): Promise<Event>;
  /** Like {@linkcode Unsealer.unseal}, and also returns the id of the key and the JSON itself. */
  open(sealed: SealedResult): Promise<OpenedResult<Event>>;
  /**
   * Like {@linkcode Unsealer.open}, without the event: the bytes are authenticated and inflated, but not checked to be
   * UTF-8, JSON or an event. For proxies and archives.
   */
  openBytes(sealed: SealedResult): Promise<OpenedBytes>;
  /**
   * How often each key has opened a payload since this unsealer was created. A key that opens no more can be retired.
   */
  usage(): KeyUsage[];
}

/** An {@linkcode Unsealer} whose methods are synchronous: they return and throw at once. */
export interface SyncUnsealer<Event = FingerprintEvent> {
  /** Opens a sealed result. See {@linkcode Unsealer.unseal}. */
  unseal(sealed: SealedResult): Event;
  /** Like {@linkcode SyncUnsealer.unseal}, and also returns the id of the key and the JSON itself. */
  open(sealed: SealedResult): OpenedResult<Event>;
  /** Like {@linkcode SyncUnsealer.open}, without the event. See {@linkcode Unsealer.openBytes}. */
  openBytes(sealed: SealedResult): OpenedBytes;
  /** How often each key has opened a payload since this unsealer was created. */
  usage(): KeyUsage[];
}

/**
 * Opens sealed results: what the other modules need of an unsealer. A {@linkcode Unsealer} and a
 * {@linkcode SyncUnsealer} are openers, and so is an object of your own, such as one that counts what an unsealer opens.
 */
export interface SealedResultOpener<Event = FingerprintEvent> {
  /** Opens a sealed result, which is untrusted. It may be synchronous. */
  open(sealed: SealedResult): OpenedResult<Event> | Promise<OpenedResult<Event>>;
  /** Opens it without parsing. Only a module that is given `onBytes` needs it. */
  openBytes?(sealed: SealedResult): OpenedBytes | Promise<OpenedBytes>;
}
