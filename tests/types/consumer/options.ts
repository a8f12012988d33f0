/**
 * Every optional option may be `undefined`, also with `exactOptionalPropertyTypes`; and the option `version` determines
 * the type of a client's events.
 */

import type { SyncUnsealerOptions, UnsealerOptions, UnsealOptions } from "../../../mod.ts";
import type { CompatOptions } from "../../../src/compat/mod.ts";
import type { FingerprintEventV3, FingerprintEventV4 } from "../../../src/event/mod.ts";
import {
  type AnalyzeOptions,
  createEventsClient,
  type EventsClient,
  type EventsClientOptions,
  type GetEventOptions,
} from "../../../src/events-api/mod.ts";
import type { SealedResultHandlerOptions } from "../../../src/handler/mod.ts";
import type { InflateOptions } from "../../../src/inflate/mod.ts";
import type { NodeListenerOptions } from "../../../src/node-http/mod.ts";
import type { ResponseOpenerOptions } from "../../../src/open-client-response/mod.ts";
import type { FingerprintProxyOptions } from "../../../src/proxy/mod.ts";
import type {
  DenoKvStoreOptions,
  DurableObjectStoreOptions,
  MemoryStoreOptions,
  RedisStoreOptions,
  ReplayGuardOptions,
  SqlOptions,
} from "../../../src/replay/mod.ts";
import type { SealOptions } from "../../../src/testing/mod.ts";
import type { VerifierOptions } from "../../../src/verify/mod.ts";
import type { WebhookOptions } from "../../../src/webhook/mod.ts";

/** The names of the optional properties that cannot be `undefined`. */
type Strict<Options> = {
  [Name in keyof Options]-?: Record<never, never> extends Pick<Options, Name>
    ? { [N in Name]: undefined } extends Pick<Options, Name> ? never : Name
    : never;
}[keyof Options];

type AllOptions =
  | Strict<UnsealOptions>
  | Strict<UnsealerOptions>
  | Strict<SyncUnsealerOptions>
  | Strict<CompatOptions>
  | Strict<EventsClientOptions>
  | Strict<GetEventOptions>
  | Strict<AnalyzeOptions>
  | Strict<SealedResultHandlerOptions>
  | Strict<InflateOptions>
  | Strict<NodeListenerOptions>
  | Strict<ResponseOpenerOptions>
  | Strict<FingerprintProxyOptions>
  | Strict<ReplayGuardOptions>
  | Strict<MemoryStoreOptions>
  | Strict<RedisStoreOptions>
  | Strict<SqlOptions>
  | Strict<DenoKvStoreOptions>
  | Strict<DurableObjectStoreOptions>
  | Strict<SealOptions>
  | Strict<VerifierOptions>
  | Strict<WebhookOptions>;

declare const strict: AllOptions;
export const none: never = strict;

declare const request: Request;
declare const version: "v3" | "v4";
const client = createEventsClient({ secretKey: "SECRET", version: undefined });
const clientV3 = createEventsClient({ secretKey: "SECRET", version: "v3" });

export const v4: Promise<FingerprintEventV4> = client.getEvent("1.A");
export const v3: Promise<FingerprintEventV3> = clientV3.getEvent("1.A");
export const either: EventsClient = createEventsClient({ secretKey: "SECRET", version });
export const edge: Promise<FingerprintEventV4> = client.analyze(request, { ip: "192.0.2.1" });
// @ts-expect-error: v3 has no edge events.
export const none3 = clientV3.analyze;
