/**
 * Converts the visitor, the client and the request of a v3 event to v4.
 *
 * @module
 */

import type { BrowserDetailsV4, ProximityV4 } from "../types/v4-client.ts";
import type { HighRecallIdV4, IdentificationConfidenceV4, IdentificationV4 } from "../types/v4-identification.ts";
import type { SdkIntegration } from "../types/shared.ts";
import type { SdkV4 } from "../types/v4.ts";
import { flag, number, oneOf, read, readPath, text } from "../fields.ts";
import { parseTime } from "../time.ts";
import { defined, group, listOf, of, renamed } from "./fields.ts";

/**
 * Converts the visitor, or a visitor id by another method, which v3 webhooks have.
 *
 * v3 has two times, v4 only that of the workspace, to which visitor ids belong.
 */
export function upgradeIdentification(data: unknown): (IdentificationV4 & HighRecallIdV4) | undefined {
  const visitor_id = text(read(data, "visitorId"));
  const visitor_found = flag(read(data, "visitorFound"));
  if (visitor_id === undefined || visitor_found === undefined) return undefined;
  return defined({
    visitor_id,
    confidence: upgradeConfidence(read(data, "confidence")),
    visitor_found,
    first_seen_at: parseTime(readPath(data, "firstSeenAt", "subscription")),
    last_seen_at: parseTime(readPath(data, "lastSeenAt", "subscription")),
  });
}

function upgradeConfidence(confidence: unknown): IdentificationConfidenceV4 | undefined {
  const score = number(read(confidence, "score"));
  if (score === undefined) return undefined;
  const version = text(read(confidence, "revision"));
  return defined({ score, version, comment: text(read(confidence, "comment")) });
}

/** Converts the browser. All its fields are required, in v3 and in v4. */
export function upgradeBrowserDetails(details: unknown): BrowserDetailsV4 | undefined {
  const browser = defined({
    ...renamed(of(details), text, "browser_name", "browser_major_version", "browser_full_version"),
    ...renamed(of(details), text, "os", "os_version", "device"),
  });
  return Object.keys(browser).length === 6 ? browser as BrowserDetailsV4 : undefined; // it has all fields
}

/** Converts the agent. A platform that v4 does not have becomes `unknown`. */
export function upgradeSdk(sdk: unknown): SdkV4 | undefined {
  const platform = text(read(sdk, "platform"));
  const version = text(read(sdk, "version"));
  if (platform === undefined || version === undefined) return undefined;
  return defined({
    platform: oneOf(platform, ["android", "ios", "js", "unknown"]) ?? "unknown",
    version,
    integrations: listOf(read(sdk, "integrations"), upgradeIntegration),
  });
}

function upgradeIntegration(integration: unknown): SdkIntegration {
  const subintegration = group(renamed(of(read(integration, "subintegration")), text, "name", "version"));
  return defined({ ...renamed(of(integration), text, "name", "version"), subintegration });
}

/** Converts the zone in which the device is. */
export function upgradeProximity(data: unknown): ProximityV4 | undefined {
  const id = text(read(data, "id"));
  const radii = [10, 25, 65, 175, 450, 1200, 3300, 8500, 22500] as const;
  const precision_radius = oneOf(read(data, "precisionRadius"), radii);
  const confidence = number(read(data, "confidence"));
  if (id === undefined || precision_radius === undefined || confidence === undefined) return undefined;
  return { id, precision_radius, confidence };
}
