/**
 * The origin of a v4 event: the page or application, its address and its browser.
 *
 * @module
 */

import type { ProximityRadius } from "./shared.ts";

/** The page or application that made the request. */
export interface ClientV4 {
  /** The page. Its path and query may be hashed: compare origins only. */
  readonly url?: string;
  /** The page's `document.referrer`; empty when the visitor came without a link. */
  readonly client_referrer?: string;
  /** The bundle id of an iOS application. */
  readonly bundle_id?: string;
  /** The package name of an Android application. */
  readonly package_name?: string;
  /** The address that Fingerprint saw, IPv4 or IPv6. */
  readonly ip_address?: string;
  /** The `User-Agent`. */
  readonly user_agent?: string;
  /** The device's model or family, from the `User-Agent`: `Desktop`, `iPhone`, `Other`. */
  readonly device?: string;
  /** The operating system, from the `User-Agent`: `Windows`, `iOS`. */
  readonly os?: string;
  /** The operating system's version, from the `User-Agent`. */
  readonly os_version?: string;
  /** The browser, from the `User-Agent`. Absent in events of mobile SDKs. */
  readonly browser_details?: BrowserDetailsV4;
  /** The zone in which the device is. */
  readonly proximity?: ProximityV4;
}

/** The browser, from the `User-Agent`. */
export interface BrowserDetailsV4 {
  /** Its name, such as `Chrome`. */
  readonly browser_name: string;
  /** Its major version, such as `74`. */
  readonly browser_major_version: string;
  /** Its version, such as `74.0.3729`. */
  readonly browser_full_version: string;
  /** The operating system. */
  readonly os: string;
  /** The operating system's version; may be empty. */
  readonly os_version: string;
  /** The device's model or family; often `Other`. */
  readonly device: string;
}

/** One zone of a fixed grid of the world. */
export interface ProximityV4 {
  /** The zone's id, the same for each device in it. */
  readonly id: string;
  /** The zone's radius, in metres. */
  readonly precision_radius: ProximityRadius;
  /** How likely the device is in the zone, from 0 to 1. */
  readonly confidence: number;
}
