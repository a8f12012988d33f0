/**
 * Types that events of v3 and v4 share.
 *
 * @module
 */

/** How sure Fingerprint is of a signal's value. */
export type Confidence = "low" | "medium" | "high";

/** Whether the client is a bot, as v4 writes it. */
export type BotResult = "bad" | "good" | "not_detected";

/** Where a proxy's traffic leaves it. `unknown`: only the model detected the proxy. */
export type ProxyType = "data_center" | "residential" | "unknown";

/**
 * How rare a device is among those that Fingerprint sees, by percentile. `<p95` is common, `p99.9+` is the rarest
 * thousandth, `not_seen` is new.
 */
export type RarityBucket = "<p95" | "p95-p99" | "p99-p99.5" | "p99.5-p99.9" | "p99.9+" | "not_seen";

/** The radius of a proximity zone, in metres. */
export type ProximityRadius = 10 | 25 | 65 | 175 | 450 | 1200 | 3300 | 8500 | 22500;

/** A library that wraps the agent, such as the one for React. */
export interface SdkIntegration {
  /** Its name, such as `fingerprint-pro-react`. */
  readonly name?: string;
  /** Its version, such as `3.11.10`. */
  readonly version?: string;
  /** The framework that the library is used in. */
  readonly subintegration?: SdkSubintegration;
}

/** The framework that an integration is used in, such as Preact. */
export interface SdkSubintegration {
  /** Its name, such as `preact`. */
  readonly name?: string;
  /** Its version, such as `10.21.0`. */
  readonly version?: string;
}
