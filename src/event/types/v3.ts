/**
 * The v3 event: products in camelCase, as `GET /events/{request_id}` returns it and the v3 agent seals it.
 *
 * The types follow the vendor's OpenAPI description, except that fields which older events lack are optional, such as
 * `replayed` and `tampering.mlScore`. So the official SDK's type, which requires them, is assignable to this one, but not
 * the reverse. When an event is opened, only `products` is checked: pass a `schema` to check more.
 *
 * Fields that are newer than the description stay in the event. They are not in the types, so that a misspelt name is
 * an error: to read one, add it to the type, as in `event as FingerprintEventV3 & { newField?: boolean }`.
 *
 * @module
 */

import type { BotdV3, LabelV3 } from "./v3-bot.ts";
import type {
  FactoryResetV3,
  HighActivityV3,
  RareDeviceV3,
  SignalV3,
  SuspectScoreV3,
  TamperingV3,
  VelocityV3,
  VirtualMachineV3,
} from "./v3-device.ts";
import type { IdentificationV3, ProximityV3, RawDeviceAttributesV3 } from "./v3-identification.ts";
import type { IpBlocklistV3, IpInfoV3, ProxyV3, VpnV3 } from "./v3-network.ts";

/** A v3 event. */
export interface FingerprintEventV3 {
  /** The results, one per product. */
  readonly products: ProductsV3;
  /** Present in v4 events only; it distinguishes the two versions. */
  readonly event_id?: undefined;
}

/** The products of a v3 event: those that the workspace has and the platform supports. */
export interface ProductsV3 {
  /** The visitor, the page and the time. */
  readonly identification?: ProductV3<IdentificationV3>;
  /** Whether the client is a bot. */
  readonly botd?: ProductV3<BotdV3>;
  /** Android: whether applications that manage root access are installed. */
  readonly rootApps?: ProductV3<SignalV3>;
  /** Android: whether the device is emulated. */
  readonly emulator?: ProductV3<SignalV3>;
  /** Information about the client's addresses. */
  readonly ipInfo?: ProductV3<IpInfoV3>;
  /** Whether the address is on a blocklist. */
  readonly ipBlocklist?: ProductV3<IpBlocklistV3>;
  /** Whether the address is an exit of the Tor network. */
  readonly tor?: ProductV3<SignalV3>;
  /** Whether a VPN or another anonymizing service is used. */
  readonly vpn?: ProductV3<VpnV3>;
  /** Whether the address belongs to a public or residential proxy. */
  readonly proxy?: ProductV3<ProxyV3>;
  /** Whether the browser is in a private mode. */
  readonly incognito?: ProductV3<SignalV3>;
  /** Whether the browser's or device's attributes were tampered with. */
  readonly tampering?: ProductV3<TamperingV3>;
  /** Android: whether the application runs in a cloner. */
  readonly clonedApp?: ProductV3<SignalV3>;
  /** Mobile: when the device was last reset. */
  readonly factoryReset?: ProductV3<FactoryResetV3>;
  /** iOS: whether the device is jailbroken. */
  readonly jailbroken?: ProductV3<SignalV3>;
  /** Mobile: whether Frida instruments the application. */
  readonly frida?: ProductV3<SignalV3>;
  /** Whether the browser protects against fingerprinting, as Tor Browser does. */
  readonly privacySettings?: ProductV3<SignalV3>;
  /** Whether the browser runs in a virtual machine. */
  readonly virtualMachine?: ProductV3<VirtualMachineV3>;
  /** Attributes of the browser or device as they were collected. */
  readonly rawDeviceAttributes?: ProductV3<RawDeviceAttributesV3>;
  /** Whether the visitor is unusually active. */
  readonly highActivity?: ProductV3<HighActivityV3>;
  /** Mobile: whether the location is spoofed. */
  readonly locationSpoofing?: ProductV3<SignalV3>;
  /** The sum of the weights of the signals that fired. */
  readonly suspectScore?: ProductV3<SuspectScoreV3>;
  /** Whether the machine is controlled remotely. Fingerprint no longer computes it. */
  readonly remoteControl?: ProductV3<SignalV3>;
  /** Counts of recent events. */
  readonly velocity?: ProductV3<VelocityV3>;
  /** Whether the browser's developer tools are open, or the mobile device's are enabled. */
  readonly developerTools?: ProductV3<SignalV3>;
  /** Mobile: whether the requests to Fingerprint were intercepted. */
  readonly mitmAttack?: ProductV3<SignalV3>;
  /** Whether the device's attributes are rare or new. Beta. */
  readonly rareDevice?: ProductV3<RareDeviceV3>;
  /** The zone in which the device is. */
  readonly proximity?: ProductV3<ProximityV3>;
  /** Predictions of models that were trained on the customer's data. Beta. */
  readonly labels?: ProductV3<LabelV3[]>;
}

/** One product's result: `data`, or `error` if it failed. */
export interface ProductV3<Data> {
  /** The result. */
  readonly data?: Data;
  /** Why the product has no result. */
  readonly error?: ProductErrorV3;
}

/** Why a product has no result. */
export interface ProductErrorV3 {
  /** The error's code. */
  readonly code: ProductErrorCodeV3;
  /** The error's message. */
  readonly message: string;
}

/** The code of a product's error. */
export type ProductErrorCodeV3 =
  | "429 Too Many Requests"
  | "Failed"
  | "FeatureNotEnabled"
  | "RequestCannotBeParsed"
  | "RequestNotFound"
  | "RequestReadTimeout"
  | "StateNotReady"
  | "SubscriptionNotActive"
  | "TokenNotFound"
  | "TokenRequired"
  | "TooManyRequests"
  | "VisitorNotFound"
  | "WorkspaceScopedSecretKeyRequired"
  | "WrongRegion";
