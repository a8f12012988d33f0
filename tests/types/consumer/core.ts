/**
 * A consumer of everything that "." and "./inflate" export, with the standard library of the language only.
 *
 * The consumers are checked as part of this project, and by `tests/types/types.test.ts` against the packed package.
 */

import {
  InflateError,
  type InflateOptions,
  inflateRaw,
  type InflateReason,
  platformInflate,
} from "../../../src/inflate/mod.ts";
import {
  type Cipher,
  createSyncUnsealer,
  createUnsealer,
  type FingerprintEvent,
  type KeyInput,
  type KeyUsage,
  type OpenedBytes,
  type OpenedResult,
  type Plaintext,
  type SchemaOption,
  type SealedResult,
  type SealedResultOpener,
  type StandardSchema,
  type SyncCipher,
  type SyncUnsealer,
  unseal,
  type Unsealer,
  type UnsealerOptions,
  UnsealError,
  type UnsealErrorCode,
  type UnsealOptions,
  webCryptoCipher,
} from "../../../mod.ts";
import {
  type EventSummary,
  type FingerprintEventV3,
  type FingerprintEventV4,
  summarize,
} from "../../../src/event/mod.ts";

/** `true` if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type IsTrue<Condition extends true> = Condition;

declare const sealed: string;
declare const bytes: Uint8Array;
declare const list: readonly KeyInput[];
declare const schema: StandardSchema<{ visitor: string }>;

// Keys in each form.
export const unsealers: Unsealer[] = [
  createUnsealer({ keys: "text" }),
  createUnsealer({ keys: bytes }),
  createUnsealer({ keys: { id: "2026-08", key: "text" } }),
  createUnsealer({ keys: ["text", bytes, { id: "2026-08", key: bytes }] }),
  createUnsealer({
    keys: list,
    maxSealedBytes: 1,
    maxEventBytes: Infinity,
    inflate: platformInflate(),
  }),
  createUnsealer({
    keys: "text",
    cipher: webCryptoCipher(),
    dangerouslyAllowBrowser: true,
  }),
];

// The consumer's own ciphers, synchronous and asynchronous, with keys of any type.
const synchronous: Cipher<{ readonly raw: Uint8Array }> = {
  importKey: (raw) => ({ raw: raw.slice() }),
  decrypt: (key, nonce, sealed) => new Uint8Array(key.raw.length + nonce.length + sealed.length),
};
const asynchronous: Cipher<number> = {
  importKey: (raw) => Promise.resolve(raw.length),
  decrypt: (key, _nonce, sealed): Promise<Plaintext> => Promise.resolve(new ArrayBuffer(key + sealed.length)),
};
const anyCipher: Cipher = synchronous;
unsealers.push(createUnsealer({ keys: "text", cipher: synchronous }));
unsealers.push(createUnsealer({ keys: "text", cipher: asynchronous }));
unsealers.push(createUnsealer({ keys: "text", cipher: anyCipher }));

// Sealed results in each form, and the result of opening them.
export async function open(unsealer: Unsealer): Promise<void> {
  const forms: SealedResult[] = [
    sealed,
    bytes,
    bytes.slice(),
    new ArrayBuffer(8),
  ];
  for (const form of forms) {
    const event = await unsealer.unseal(form);
    const opened: OpenedResult = await unsealer.open(form);
    const direct = await unseal(form, "text", { maxEventBytes: 1 } satisfies UnsealOptions);
    const { keyId, bytes: json }: { keyId: string; bytes: Uint8Array } = opened;
    void [keyId, json];
    type Events = [
      IsTrue<Same<typeof event, FingerprintEvent>>,
      IsTrue<Same<typeof opened.event, FingerprintEvent>>,
      IsTrue<Same<typeof direct, FingerprintEvent>>,
    ];
    void (undefined as Events | undefined);
  }
  const usage: KeyUsage[] = unsealer.usage();
  for (const { id, opened, lastOpenedAt } of usage) {
    const use: [string, number, number | null] = [id, opened, lastOpenedAt];
    void use;
  }
}

// The event's type follows the schema.
export async function openWithSchema(): Promise<string> {
  const options: UnsealerOptions & SchemaOption<{ visitor: string }> = {
    keys: "text",
    schema,
  };
  const unsealer: Unsealer<{ visitor: string }> = createUnsealer(options);
  const event = await unsealer.unseal(sealed);
  const direct = await unseal(sealed, "text", { schema });
  type Events = [
    IsTrue<Same<typeof event, { visitor: string }>>,
    IsTrue<Same<typeof direct, { visitor: string }>>,
  ];
  void (undefined as Events | undefined);
  return event.visitor + direct.visitor;
}

// The event's type follows the version.
export async function openVersions(): Promise<string | undefined> {
  const unsealer = createUnsealer({ keys: "text", version: "v4" });
  const event = await unsealer.unseal(sealed);
  const { event: v3 } = await createUnsealer({ keys: "text", version: "v3" }).open(sealed);
  const direct = await unseal(sealed, "text", { version: "v4" });
  type Events = [
    IsTrue<Same<typeof event, FingerprintEventV4>>,
    IsTrue<Same<typeof v3, FingerprintEventV3>>,
    IsTrue<Same<typeof direct, FingerprintEventV4>>,
  ];
  void (undefined as Events | undefined);
  return event.identification?.visitor_id ?? v3.products.identification?.data?.visitorId;
}

// Options that are absent, or that only the running program knows.
export function openersOf(version: "v4" | undefined): SealedResultOpener[] {
  const cipher: SyncCipher<string> = { importKey: () => "", decrypt: (_key, _nonce, sealed) => sealed };
  void unseal(sealed, "text", { version, schema: undefined }).then((event: FingerprintEvent) => event);
  // Each unsealer is an opener, whether it is asynchronous or not.
  return [
    createUnsealer({ keys: "text", version: undefined, schema: undefined }),
    createUnsealer({ keys: "text", version }),
    createUnsealer({ keys: "text", version: "v4", schema: undefined }),
    createSyncUnsealer({ keys: "text", cipher, version, schema: undefined }),
    { open: () => createUnsealer({ keys: "text" }).open(sealed) },
  ];
}

// An opener has the type of its events.
export function openerOf(): SealedResultOpener<{ visitor: string }> {
  const opener: SealedResultOpener<FingerprintEventV4> = createUnsealer({ keys: "text", version: "v4" });
  // @ts-expect-error: its events may be v3 events
  const wrong: SealedResultOpener<FingerprintEventV4> = createUnsealer({ keys: "text", version: undefined });
  void [opener, wrong];
  return createUnsealer({ keys: "text", schema });
}

// Bytes that are not parsed, and keys in the form of Fingerprint's SDKs.
export async function openBytes(): Promise<OpenedBytes> {
  const keys: KeyInput[] = [
    { key: "text" },
    { key: new ArrayBuffer(32), algorithm: "aes-256-gcm" },
    new ArrayBuffer(32),
  ];
  return await createUnsealer({ keys }).openBytes(sealed);
}

// A synchronous unsealer with the consumer's own cipher.
export function openAtOnce(): FingerprintEvent {
  const cipher: SyncCipher<{ readonly raw: Uint8Array }> = {
    importKey: (raw) => ({ raw }),
    decrypt: (key, nonce, sealed) => new Uint8Array(key.raw.length + nonce.length + sealed.length),
  };
  const unsealer: SyncUnsealer = createSyncUnsealer({ keys: "text", cipher });
  unsealers.push(createUnsealer({ keys: "text", cipher }));
  const v4: FingerprintEventV4 = createSyncUnsealer({ keys: "text", cipher, version: "v4" }).unseal(sealed);
  const { visitor }: { visitor: string } = createSyncUnsealer({ keys: "text", cipher, schema }).unseal(sealed);
  void [v4, visitor];
  return unsealer.unseal(sealed);
}

// The fields of each shape distinguish the two.
export function visitorOf(event: FingerprintEvent): string | undefined {
  if (event.products) {
    const v3: FingerprintEventV3 = event;
    return v3.products.identification?.data?.visitorId;
  }
  const v4: FingerprintEventV4 = event;
  return v4.identification?.visitor_id;
}

export function timeOf(event: FingerprintEvent): number | undefined {
  if (event.event_id !== undefined) return event.timestamp;
  return event.products.identification?.data?.timestamp;
}

export function botOf(event: FingerprintEvent): "good" | "bad" | "notDetected" | "not_detected" | undefined {
  return event.products ? event.products.botd?.data?.bot?.result : event.bot;
}

/** A field that no version documents is read through a type that has it. */
export function fieldOf(event: FingerprintEvent): number | undefined {
  return (event as FingerprintEvent & { readonly field_of_tomorrow?: number }).field_of_tomorrow;
}

export function summaryOf(event: FingerprintEvent): string {
  const summary: EventSummary = summarize(event);
  const times: (number | undefined)[] = [
    summary.timestamp,
    summary.confidence,
    summary.firstSeenAt,
    summary.suspectScore,
  ];
  const flags: (boolean | undefined)[] = [summary.replayed, summary.complete, summary.vpn, summary.highActivity];
  const bot: "good" | "bad" | "not_detected" | undefined = summary.bot;
  const texts: (string | undefined)[] = [
    summary.id,
    summary.visitorId,
    summary.ip,
    summary.url,
    summary.linkedId,
    summary.environmentId,
    bot,
  ];
  return [...texts, ...times, ...flags].join();
}

// Errors: every code has its case, so a new one is a compile error here.
export function statusOf(error: unknown): number {
  if (!(error instanceof UnsealError)) return 500;
  const code: UnsealErrorCode = error.code;
  switch (code) {
    case "ERR_SEALED_TYPE":
    case "ERR_SEALED_ENCODING":
    case "ERR_SEALED_TOO_SHORT":
    case "ERR_SEALED_TOO_LARGE":
    case "ERR_SEALED_HEADER":
    case "ERR_NO_KEY_FITS":
      return 400;
    case "ERR_DEFLATE":
      return error.reason === "truncated" ? 400 : 422;
    case "ERR_EVENT_SHAPE":
      return error.paths?.includes("products") ? 400 : 422;
    case "ERR_EVENT_TOO_LARGE":
    case "ERR_EVENT_UTF8":
    case "ERR_EVENT_JSON":
      return 422;
    case "ERR_CIPHER":
      return error.cause === undefined ? 500 : 503;
    case "ERR_KEY":
    case "ERR_RUNTIME":
    case "ERR_ASYNC":
    case "ERR_BROWSER":
      return 500;
    default: {
      const none: never = code;
      return none;
    }
  }
}

// The inflater.
export function inflate(data: Uint8Array, options?: InflateOptions): Uint8Array | InflateReason {
  try {
    return options === undefined ? inflateRaw(data, { maxOutputBytes: 1024 }) : inflateRaw(data, options);
  } catch (error) {
    if (error instanceof InflateError) return error.reason;
    throw error;
  }
}
