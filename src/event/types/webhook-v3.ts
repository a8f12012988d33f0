/**
 * The body of a v3 webhook: the fields of a v3 event's `products.identification.data`, and a property for the `data` of
 * each other product. More fields may be absent than in an event.
 *
 * @module
 */

import type { BotV3 } from "./v3-bot.ts";
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
import type {
  BrowserDetailsV3,
  IdentificationConfidenceV3,
  IdentificationV3,
  ProximityV3,
  RawDeviceAttributesV3,
  SdkV3,
  SeenAtV3,
} from "./v3-identification.ts";
import type { GeolocationV3, IpBlocklistV3, IpInfoV3, ProxyV3, VpnV3 } from "./v3-network.ts";

/**
 * The body of a v3 webhook. The types follow the vendor's OpenAPI description; `sdk`, which older bodies lack, is
 * optional. Only `requestId` and `timestamp` are checked.
 */
export interface WebhookEventV3 extends Pick<IdentificationV3, "requestId" | "url" | "ip" | "time" | "timestamp"> {
  /** Present in v4 webhooks only; it distinguishes the two versions. */
  readonly event_id?: undefined;
  /** The id of the workspace's environment. */
  readonly environmentId?: string;
  /** The `tag` that the page passed. */
  readonly tag?: { readonly [name: string]: unknown };
  /** The `linkedId` that the page passed. */
  readonly linkedId?: string;
  /** The address's location. Absent in workspaces created after January 2024, which have `ipInfo`. */
  readonly ipLocation?: GeolocationV3;
  /** The page's `document.referrer`. */
  readonly clientReferrer?: string;
  /** The `User-Agent`. */
  readonly userAgent?: string;
  /** The agent or mobile SDK. */
  readonly sdk?: SdkV3;
  /** Whether Fingerprint found that the agent's request was sent again. */
  readonly replayed?: boolean;

  /** The visitor id. Absent, as the next five are, when the visitor was not identified. */
  readonly visitorId?: string;
  /** Whether the visitor was known before. */
  readonly visitorFound?: boolean;
  /** How sure the identification is. */
  readonly confidence?: IdentificationConfidenceV3;
  /** When the visitor was first seen. */
  readonly firstSeenAt?: SeenAtV3;
  /** When the visitor was last seen. */
  readonly lastSeenAt?: SeenAtV3;
  /** The browser, from the `User-Agent`. */
  readonly browserDetails?: BrowserDetailsV3;
  /** The visitor's ids by other methods. */
  readonly supplementaryIds?: SupplementaryIdsV3;
  /** Attributes of the browser as they were collected. */
  readonly components?: RawDeviceAttributesV3;
  /** Attributes of the browser or device as they were collected. */
  readonly rawDeviceAttributes?: RawDeviceAttributesV3;

  /** Whether the client is a bot, and which. */
  readonly bot?: BotV3;
  /** Whether the browser is in a private mode. */
  readonly incognito?: boolean;
  /** Android: whether applications that manage root access are installed. */
  readonly rootApps?: Partial<SignalV3>;
  /** Android: whether the device is emulated. */
  readonly emulator?: Partial<SignalV3>;
  /** Information about the client's addresses. */
  readonly ipInfo?: IpInfoV3;
  /** Whether the address is on a blocklist. */
  readonly ipBlocklist?: Partial<IpBlocklistV3>;
  /** Whether the address is an exit of the Tor network. */
  readonly tor?: Partial<SignalV3>;
  /** Whether a VPN or another anonymizing service is used. */
  readonly vpn?: Partial<VpnV3>;
  /** Whether the address belongs to a public or residential proxy. */
  readonly proxy?: Partial<ProxyV3>;
  /** Whether the browser's or device's attributes were tampered with. */
  readonly tampering?: Partial<TamperingV3>;
  /** Android: whether the application runs in a cloner. */
  readonly clonedApp?: Partial<SignalV3>;
  /** Mobile: when the device was last reset. */
  readonly factoryReset?: Partial<FactoryResetV3>;
  /** iOS: whether the device is jailbroken. */
  readonly jailbroken?: Partial<SignalV3>;
  /** Mobile: whether Frida instruments the application. */
  readonly frida?: Partial<SignalV3>;
  /** Whether the browser protects against fingerprinting, as Tor Browser does. */
  readonly privacySettings?: Partial<SignalV3>;
  /** Whether the browser runs in a virtual machine. */
  readonly virtualMachine?: Partial<VirtualMachineV3>;
  /** Whether the visitor is unusually active. */
  readonly highActivity?: HighActivityV3;
  /** Mobile: whether the location is spoofed. */
  readonly locationSpoofing?: Partial<SignalV3>;
  /** The sum of the weights of the signals that fired. */
  readonly suspectScore?: Partial<SuspectScoreV3>;
  /** Whether the machine is controlled remotely. Fingerprint no longer computes it. */
  readonly remoteControl?: Partial<SignalV3>;
  /** Counts of recent events. */
  readonly velocity?: Partial<VelocityV3>;
  /** Whether the browser's developer tools are open, or the mobile device's are enabled. */
  readonly developerTools?: Partial<SignalV3>;
  /** Mobile: whether the requests to Fingerprint were intercepted. */
  readonly mitmAttack?: Partial<SignalV3>;
  /** Whether the device's attributes are rare or new. Beta. */
  readonly rareDevice?: RareDeviceV3;
  /** The zone in which the device is. */
  readonly proximity?: ProximityV3;
}

/** The visitor's ids by other methods. */
export interface SupplementaryIdsV3 {
  /** The visitor id itself. */
  readonly standard: SupplementaryIdV3;
  /** An id that recognises more returning browsers, and confuses more of them. */
  readonly highRecall: SupplementaryIdV3;
}

/** A visitor's id by one method. */
export interface SupplementaryIdV3 {
  /** The id. */
  readonly visitorId?: string;
  /** Whether the browser was known before. */
  readonly visitorFound?: boolean;
  /** How sure the identification is. */
  readonly confidence?: IdentificationConfidenceV3;
  /** When the browser was first seen. */
  readonly firstSeenAt?: SeenAtV3;
  /** When the browser was last seen. */
  readonly lastSeenAt?: SeenAtV3;
}
