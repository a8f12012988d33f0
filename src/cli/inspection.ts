/**
 * Runs a sealed result through every step until one fails, and records the input of each step.
 *
 * @module
 */

import { decodeBase64Portable } from "../encoding/base64.ts";
import {
  hasHeader,
  HEADER_BYTES,
  MIN_ENVELOPE_BYTES,
  NONCE_BYTES,
  openEnvelope,
  TAG_BYTES,
} from "../unseal/envelope.ts";
import { UnsealError } from "../unseal/errors.ts";
import { isEvent } from "../event/event.ts";
import { parseJson } from "../encoding/json.ts";
import { createKeyring, type NamedKey } from "../unseal/keyring.ts";
import { type EventSummary, summarize } from "../event/summary.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { createSyncUnsealer } from "../unseal/unseal.ts";
import { causesOf, verdictOf } from "../diagnose/diagnose.ts";
import { findSealed, type FoundSealed } from "../diagnose/search.ts";
import { InflateError } from "../inflate/errors.ts";
import { inflateRaw } from "../inflate/inflate-raw.ts";
import { nodeCipher } from "../node-cipher/mod.ts";

/** A part of the envelope: its place and its bytes. */
export interface Field {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

export interface Inspection {
  readonly input: {
    readonly form: "base64 text" | "bytes" | "text";
    /** The length of text. */
    readonly characters?: number;
    /** Unusual but accepted features of text. */
    readonly oddities: readonly string[];
  };
  /** Where the input contains a sealed result, if it is not one itself, and what was undone to find it. */
  readonly found?: Pick<FoundSealed, "start" | "undone">;
  /** The parts of the decoded bytes; absent when the input could not be decoded, or is too short. */
  readonly envelope?: {
    readonly isKnown: boolean;
    readonly header: Field;
    readonly nonce: Field;
    readonly ciphertext: Field;
    readonly tag: Field;
  };
  /** The number of keys. */
  readonly keys: number;
  /** The key that fits; its place is counted from 1. */
  readonly key?: { readonly id: string; readonly place: number };
  readonly deflate?: { readonly bytes: number; readonly outputBytes?: number; readonly fault?: string };
  readonly event?: {
    readonly isUtf8: boolean;
    readonly isJson: boolean;
    readonly version?: "v3" | "v4";
    readonly summary?: EventSummary;
    /** The time since the event's timestamp. */
    readonly ageMs?: number;
  };
  /** Why it cannot be opened. */
  readonly failure?: { readonly code: string; readonly message: string; readonly reason?: string };
  /** Likely causes of the failure, the likeliest first. */
  readonly causes: readonly { readonly code: string; readonly message: string }[];
}

const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** @param given Untrusted. If it is refused, a sealed result that is found in it is inspected. */
export function inspectSealed(given: string | Uint8Array, keys: readonly NamedKey[], now: number): Inspection {
  const failure = keys.length === 0 ? formFailure(given) : failureOf(given, keys);
  const candidates = failure === undefined ? [] : findSealed(given);
  const fits = ({ sealed }: FoundSealed) => verdictOf(failureOf(sealed, keys)) !== "LOOKS_RIGHT";
  const found = (keys.length === 0 ? undefined : candidates.find(fits)) ?? candidates[0];
  const isElsewhere = found !== undefined && found.undone.length > 0;
  const sealed = isElsewhere ? found.sealed : given;
  const bytes = typeof sealed === "string" ? decodeBase64Portable(sealed) : sealed;
  const envelope = bytes === undefined || bytes.length < MIN_ENVELOPE_BYTES ? undefined : envelopeOf(bytes);
  const opened = envelope?.isKnown === true ? decrypt(bytes!, keys) : undefined; // an envelope has bytes
  return {
    input: inputOf(given, typeof given === "string" ? decodeBase64Portable(given) : given),
    ...isElsewhere && { found: { start: found.start, undone: found.undone } },
    ...envelope && { envelope },
    keys: keys.length,
    ...opened && { key: opened.key, ...contentOf(opened.plaintext, now) },
    ...failure && { failure: publicOf(failure) },
    causes: failure === undefined ? [] : causesIn(given, found, keys, opened?.plaintext),
  };
}

function inputOf(sealed: string | Uint8Array, bytes: Uint8Array | undefined): Inspection["input"] {
  if (typeof sealed !== "string") return { form: "bytes", oddities: [] };
  const form = bytes === undefined ? "text" : "base64 text";
  if (bytes === undefined) return { form, characters: sealed.length, oddities: [] };
  const compact = sealed.replace(/\s/g, "");
  const oddities = [
    ...compact.length < sealed.length ? [`${sealed.length - compact.length} characters of white space`] : [],
    ...compact.includes("-") || compact.includes("_") ? ["url alphabet"] : [],
    ...compact.length % 4 === 0 ? [] : ["no padding"],
    ...encodeLike(bytes, compact) ? [] : ["pad bits that are not zero"],
  ];
  return { form, characters: sealed.length, oddities };
}

/** Whether encoding the bytes again gives the same characters, apart from padding and alphabet. */
function encodeLike(bytes: Uint8Array, compact: string): boolean {
  const plain = (text: string) => text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return plain(Buffer.from(bytes).toString("base64")) === plain(compact);
}

function envelopeOf(bytes: Uint8Array): NonNullable<Inspection["envelope"]> {
  const field = (start: number, end: number): Field => ({ start, end, bytes: bytes.subarray(start, end) });
  const [nonceEnd, tagStart] = [HEADER_BYTES + NONCE_BYTES, bytes.length - TAG_BYTES];
  return {
    isKnown: hasHeader(bytes),
    header: field(0, HEADER_BYTES),
    nonce: field(HEADER_BYTES, nonceEnd),
    ciphertext: field(nonceEnd, tagStart),
    tag: field(tagStart, bytes.length),
  };
}

function decrypt(
  bytes: Uint8Array,
  keys: readonly NamedKey[],
): { readonly key: NonNullable<Inspection["key"]>; readonly plaintext: Uint8Array } | undefined {
  if (keys.length === 0) return undefined;
  const cipher = nodeCipher();
  const entries = createKeyring(keys, cipher).entries;
  const { nonce, sealed } = openEnvelope(new Uint8Array(bytes));
  for (const [index, entry] of entries.entries()) {
    try {
      const key = cipher.importKey(entry.raw);
      const plaintext = cipher.decrypt(key, nonce, sealed);
      return { key: { id: entry.id, place: index + 1 }, plaintext: new Uint8Array(plaintext) };
    } catch {
      // Another key may fit.
    }
  }
  return undefined;
}

function contentOf(plaintext: Uint8Array, now: number): Pick<Inspection, "deflate" | "event"> {
  let content: Uint8Array;
  try {
    content = inflateRaw(plaintext, { maxOutputBytes: MAX_EVENT_BYTES });
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    return { deflate: { bytes: plaintext.length, fault: error.reason } };
  }
  const deflate = { bytes: plaintext.length, outputBytes: content.length };
  const text = decodeUtf8(content);
  const value = text === undefined ? undefined : parseJson(text);
  const event = { isUtf8: text !== undefined, isJson: value !== undefined };
  if (!isEvent(value)) return { deflate, event };
  const summary = summarize(value);
  const age = summary.timestamp === undefined ? {} : { ageMs: now - summary.timestamp };
  return { deflate, event: { ...event, version: isEvent(value, "v3") ? "v3" : "v4", summary, ...age } };
}

function failureOf(sealed: string | Uint8Array, keys: readonly NamedKey[]): UnsealError | undefined {
  try {
    createSyncUnsealer({ keys, cipher: nodeCipher() }).open(sealed);
    return undefined;
  } catch (error) {
    if (error instanceof UnsealError) return error;
    throw error;
  }
}

function publicOf({ code, message, reason }: UnsealError): NonNullable<Inspection["failure"]> {
  return { code, message, ...reason !== undefined && { reason } };
}

/**
 * Finds faults of the form without a key: a random key fits no sealed result, so every other error is about the form.
 */
function formFailure(sealed: string | Uint8Array): UnsealError | undefined {
  const failure = failureOf(sealed, [{ key: crypto.getRandomValues(new Uint8Array(32)) }]);
  return failure?.code === "ERR_NO_KEY_FITS" ? undefined : failure;
}

function causesIn(
  given: string | Uint8Array,
  found: FoundSealed | undefined,
  keys: readonly NamedKey[],
  plaintext: Uint8Array | undefined,
): Inspection["causes"] {
  const failure = found === undefined || keys.length === 0 ? undefined : failureOf(found.sealed, keys);
  const causes = causesOf(given, found, keys.length === 0 ? undefined : verdictOf(failure))
    .map(({ code, message }) => ({ code: code as string, message }));
  if (plaintext === undefined || failure === undefined) return causes;
  return [...causes.filter(({ code }) => code !== "CONTENT"), contentCause(plaintext, failure.code)];
}

/** Why the content of an authentic sealed result is refused. Its sender has the key, but sealed another format. */
function contentCause(plaintext: Uint8Array, code: string): { readonly code: string; readonly message: string } {
  const fits = "A key fits, so the sealed result arrived unchanged from a sender that has the key.";
  if (code !== "ERR_DEFLATE") {
    return { code: "CONTENT_OTHER", message: `${fits} The sealed content is not a Fingerprint event.` };
  }
  const [first, second] = plaintext;
  const format = first === 0x7b
    ? "is not compressed"
    : first === 0x1f && second === 0x8b
    ? "is compressed as gzip"
    : first === 0x78
    ? "is compressed as zlib, with a header"
    : "was truncated or damaged before it was sealed, or is not compressed with DEFLATE";
  return {
    code: "CONTENT_NOT_DEFLATE",
    message: `${fits} The sealed content ${format}; Fingerprint seals raw DEFLATE.`,
  };
}
