/**
 * The events of the sandbox, and the visits that cause them.
 *
 * @module
 */

import type { FingerprintEventV3 } from "../../event/types/v3.ts";
import type { FingerprintEventV4 } from "../../event/types/v4.ts";
import type { Scenario } from "../scenario.ts";

/** An event that the sandbox has made. */
export interface SandboxEvent {
  /** Its id, the same in both shapes. */
  readonly eventId: string;
  /** The version of the agent, and of the event in the sealed result. */
  readonly version: "v3" | "v4";
  /** Base64 text; `null` when the scenario has no sealed result. */
  readonly sealedResult: string | null;
  /** The event in v3's shape, as the Events API v3 gives it. */
  readonly v3: FingerprintEventV3;
  /** The event in v4's shape, as the Events API v4 gives it. */
  readonly v4: FingerprintEventV4;
  /** The scenario of its visit. */
  readonly scenario: Scenario;
}

/** A visit: what the page and its browser send. Everything is optional. */
export interface VisitRequest {
  /** The version of the agent. `"v4"` by default. */
  readonly version?: "v3" | "v4" | undefined;
  /** The page. `https://example.com/login` by default. */
  readonly url?: string | undefined;
  /** The visitor's address. `192.0.2.17` by default. */
  readonly ip?: string | undefined;
  /** The browser. Firefox by default. */
  readonly userAgent?: string | undefined;
  /** The `linkedId` that the page passes. */
  readonly linkedId?: string | undefined;
  /** The `tag` that the page passes. */
  readonly tag?: { readonly [name: string]: unknown } | undefined;
  /** The token of a browser that was here before. */
  readonly visitorToken?: string | undefined;
}
