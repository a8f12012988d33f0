/**
 * The v3 event: products in camelCase, as the Server API v3 `GET /events/{request_id}` has it and the v3 agent seals it.
 *
 * Nothing but the presence of `products` is checked when an event is opened, so every field is optional here. Fields
 * that are not listed stay in the event and read as `unknown`. For more, give a `schema`.
 *
 * @module
 */

/** A v3 event. */
export interface FingerprintEventV3 {
  /** The results, one product each; a product that failed has `error` in place of `data`. */
  readonly products: ProductsV3;
  /** Of v4 only: tells the two apart. */
  readonly event_id?: undefined;
  readonly [field: string]: unknown;
}

/** One product's result. */
export interface ProductV3<Data> {
  readonly data?: Data;
  readonly error?: { readonly code?: string; readonly message?: string };
  readonly [field: string]: unknown;
}

/** A product that says yes or no. */
export interface SignalV3 {
  readonly result?: boolean;
  readonly [field: string]: unknown;
}

/** How sure a signal is. */
export type Confidence = "low" | "medium" | "high";

/** The products of a v3 event. */
export interface ProductsV3 {
  readonly identification?: ProductV3<IdentificationV3>;
  readonly botd?: ProductV3<BotdV3>;
  readonly clonedApp?: ProductV3<SignalV3>;
  readonly developerTools?: ProductV3<SignalV3>;
  readonly emulator?: ProductV3<SignalV3>;
  /** `time` is the epoch when the device was never reset. */
  readonly factoryReset?: ProductV3<{ readonly time?: string; readonly timestamp?: number }>;
  readonly frida?: ProductV3<SignalV3>;
  readonly highActivity?: ProductV3<SignalV3 & { readonly dailyRequests?: number }>;
  readonly incognito?: ProductV3<SignalV3>;
  readonly ipBlocklist?: ProductV3<
    SignalV3 & { readonly details?: { readonly emailSpam?: boolean; readonly attackSource?: boolean } }
  >;
  readonly ipInfo?: ProductV3<{ readonly v4?: IpInfoV3; readonly v6?: IpInfoV3 }>;
  readonly jailbroken?: ProductV3<SignalV3>;
  readonly locationSpoofing?: ProductV3<SignalV3>;
  readonly mitmAttack?: ProductV3<SignalV3>;
  readonly privacySettings?: ProductV3<SignalV3>;
  readonly proxy?: ProductV3<SignalV3 & { readonly confidence?: Confidence }>;
  readonly rawDeviceAttributes?: ProductV3<{ readonly [attribute: string]: unknown }>;
  readonly remoteControl?: ProductV3<SignalV3>;
  readonly rootApps?: ProductV3<SignalV3>;
  /** The sum of the weights of the signals that fired. */
  readonly suspectScore?: ProductV3<{ readonly result?: number }>;
  readonly tampering?: ProductV3<
    SignalV3 & { readonly anomalyScore?: number; readonly mlScore?: number; readonly antiDetectBrowser?: boolean }
  >;
  readonly tor?: ProductV3<SignalV3>;
  readonly velocity?: ProductV3<{ readonly [series: string]: VelocityV3 | undefined }>;
  readonly virtualMachine?: ProductV3<SignalV3>;
  readonly vpn?: ProductV3<
    SignalV3 & {
      readonly confidence?: Confidence;
      readonly originTimezone?: string;
      readonly originCountry?: string;
      readonly methods?: { readonly [method: string]: boolean | undefined };
    }
  >;
  readonly [product: string]: ProductV3<unknown> | undefined;
}

/** Who the visitor is and when this happened. */
export interface IdentificationV3 {
  readonly visitorId?: string;
  /** The id of the event, unique: `<Unix milliseconds>.<characters>`. */
  readonly requestId?: string;
  readonly browserDetails?: {
    readonly browserName?: string;
    readonly browserMajorVersion?: string;
    readonly browserFullVersion?: string;
    readonly os?: string;
    readonly osVersion?: string;
    readonly device?: string;
    readonly userAgent?: string;
    readonly [field: string]: unknown;
  };
  readonly incognito?: boolean;
  readonly ip?: string;
  readonly ipLocation?: GeolocationV3;
  /** What the page gave as `linkedId`. */
  readonly linkedId?: string;
  /** What the page gave as `tag`. */
  readonly tag?: unknown;
  readonly suspect?: boolean;
  /** Unix milliseconds. */
  readonly timestamp?: number;
  /** The same as ISO 8601, to the second. */
  readonly time?: string;
  readonly url?: string;
  readonly clientReferrer?: string;
  readonly confidence?: { readonly score?: number; readonly [field: string]: unknown };
  readonly visitorFound?: boolean;
  readonly firstSeenAt?: { readonly global?: string | null; readonly subscription?: string | null };
  readonly lastSeenAt?: { readonly global?: string | null; readonly subscription?: string | null };
  /** Whether Fingerprint has seen this very request before. */
  readonly replayed?: boolean;
  readonly environmentId?: string;
  readonly [field: string]: unknown;
}

/** Bot detection. */
export interface BotdV3 {
  readonly bot?: { readonly result?: "notDetected" | "good" | "bad"; readonly type?: string };
  readonly userAgent?: string;
  readonly [field: string]: unknown;
}

/** Where an address is, approximately. */
export interface GeolocationV3 {
  readonly accuracyRadius?: number;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly postalCode?: string;
  readonly timezone?: string;
  readonly city?: { readonly name?: string };
  readonly country?: { readonly code?: string; readonly name?: string };
  readonly continent?: { readonly code?: string; readonly name?: string };
  readonly subdivisions?: readonly { readonly isoCode?: string; readonly name?: string }[];
}

/** What is known of an address. */
export interface IpInfoV3 {
  readonly address?: string;
  readonly geolocation?: GeolocationV3;
  readonly asn?: {
    readonly asn?: string;
    readonly name?: string;
    readonly network?: string;
    readonly type?: string;
  };
  readonly datacenter?: { readonly result?: boolean; readonly name?: string };
}

/** A count of events over the last five minutes, hour and day. */
export interface VelocityV3 {
  readonly intervals?: { readonly "5m"?: number; readonly "1h"?: number; readonly "24h"?: number };
}
