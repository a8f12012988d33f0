/**
 * The visitor of a v3 event, with the page, the browser and the time.
 *
 * @module
 */

import type { ProximityRadius, SdkIntegration } from "./shared.ts";
import type { GeolocationV3 } from "./v3-network.ts";

/** The visitor, the page, the browser and the time. */
export interface IdentificationV3 {
  /** The visitor id, about 20 characters. */
  readonly visitorId: string;
  /** The id of the event, unique: `<Unix milliseconds>.<characters>`. */
  readonly requestId: string;
  /** The browser, from the `User-Agent`. */
  readonly browserDetails: BrowserDetailsV3;
  /** Whether the browser is in a private mode. */
  readonly incognito: boolean;
  /** The address that Fingerprint saw. */
  readonly ip: string;
  /** The address's location. Absent in workspaces created after January 2024, which have the product `ipInfo`. */
  readonly ipLocation?: GeolocationV3;
  /** The `linkedId` that the page passed. */
  readonly linkedId?: string;
  /** Whether the event was marked as suspect through the Server API. */
  readonly suspect?: boolean;
  /** When it happened, in Unix milliseconds. */
  readonly timestamp: number;
  /** The same as ISO 8601 in UTC, to the second. */
  readonly time: string;
  /** The page. */
  readonly url: string;
  /** The `tag` that the page passed, or that was set later. */
  readonly tag?: { readonly [name: string]: unknown };
  /** How sure the identification is. */
  readonly confidence?: IdentificationConfidenceV3;
  /** Whether the visitor was known before. */
  readonly visitorFound: boolean;
  /** When the visitor was first seen. */
  readonly firstSeenAt: SeenAtV3;
  /** When the visitor was last seen. */
  readonly lastSeenAt: SeenAtV3;
  /** Attributes of the browser as they were collected. */
  readonly components?: RawDeviceAttributesV3;
  /** Whether Fingerprint found that the agent's request was sent again. Absent in events from before August 2025. */
  readonly replayed?: boolean;
  /** The agent or mobile SDK. */
  readonly sdk?: SdkV3;
  /** The id of the workspace's environment. */
  readonly environmentId?: string;
}

/** The browser, from the `User-Agent`. */
export interface BrowserDetailsV3 {
  /** Its name, such as `Chrome`. */
  readonly browserName: string;
  /** Its major version, such as `74`. */
  readonly browserMajorVersion: string;
  /** Its version, such as `74.0.3729`. */
  readonly browserFullVersion: string;
  /** The operating system. */
  readonly os: string;
  /** The operating system's version; may be empty. */
  readonly osVersion: string;
  /** The device's model or family; often `Other`. */
  readonly device: string;
  /** The `User-Agent`. */
  readonly userAgent: string;
}

/** How sure an identification is. */
export interface IdentificationConfidenceV3 {
  /** From 0 to 1. */
  readonly score: number;
  /** The method's version, such as `v1.1`. */
  readonly revision?: string;
  /** A remark, such as on bot signals that lower the score. */
  readonly comment?: string;
}

/** A time in two scopes, as ISO 8601 in UTC; `null` if the visitor was not seen before. */
export interface SeenAtV3 {
  /** By any customer of Fingerprint. */
  readonly global: string | null;
  /** In this workspace. */
  readonly subscription: string | null;
}

/** The agent or mobile SDK that made the request. */
export interface SdkV3 {
  /** The platform: `js`, `android`, `ios` or `unknown`. */
  readonly platform: string;
  /** Its version, such as `3.11.10`. */
  readonly version: string;
  /** The libraries that wrap it. */
  readonly integrations?: SdkIntegration[];
}

/** Attributes of the browser or device as they were collected, by name. Fingerprint may change them at any time. */
export interface RawDeviceAttributesV3 {
  /** An attribute. */
  readonly [attribute: string]: RawDeviceAttributeV3;
}

/** An attribute: `value`, or `error` if it was not collected. */
export interface RawDeviceAttributeV3 {
  /** The value, of any type. */
  readonly value?: unknown;
  /** Why it was not collected. */
  readonly error?: RawDeviceAttributeErrorV3;
}

/** Why an attribute was not collected. */
export interface RawDeviceAttributeErrorV3 {
  /** The error's name. */
  readonly name?: string;
  /** The error's message. */
  readonly message?: string;
}

/** One zone of a fixed grid of the world. */
export interface ProximityV3 {
  /** The zone's id, the same for each device in it. */
  readonly id: string;
  /** The zone's radius, in metres. */
  readonly precisionRadius: ProximityRadius;
  /** How likely the device is in the zone, from 0 to 1. */
  readonly confidence: number;
}
