/**
 * Converts events of v3 to the shape of v4, so that a backend reads one shape.
 *
 * Agents of v3 seal v3 events, and Fingerprint's Server API v3 ends in January 2027. `docs/upgrading.md` lists the v3
 * source of each v4 field, the v3 fields without a counterpart, and the v4 fields that a v3 event cannot fill.
 *
 * @module
 */

import type { FingerprintEvent } from "../event.ts";
import { isEvent } from "../event.ts";
import type { FingerprintEventV4 } from "../types/v4.ts";
import { flag, read, readPath, text } from "../fields.ts";
import { type Products, productsOf, readOrigin } from "../products.ts";
import { isWebhookEvent, type WebhookEvent } from "../webhook.ts";
import { UpgradeError, type UpgradeErrorCode } from "./errors.ts";
import { defined, record } from "./fields.ts";
import { upgradeBrowserDetails, upgradeIdentification, upgradeProximity, upgradeSdk } from "./identification.ts";
import { upgradeNetworkSignals } from "./network.ts";
import { upgradeRawDeviceAttributes } from "./raw-device-attributes.ts";
import { upgradeActivitySignals, upgradeBotSignals, upgradeDeviceSignals, upgradeLabels } from "./signals.ts";

/**
 * Returns an event in the shape of v4.
 *
 * A v4 event is returned unchanged. For a v3 event, each field that v4 has under another name or in another unit is
 * converted. Fields of another type than in the vendor's description, objects that lack required fields of v4, and
 * failed products are left out. Objects such as `tags` are shared with the v3 event.
 *
 * @param event An event of either version, or the body of a webhook.
 * @throws {UpgradeError} When the argument is anything else, has no id or no time, or cannot be read because a getter or
 * a proxy throws. No other error is thrown.
 *
 * @example Read one shape
 * ```ts
 * import { createUnsealer } from "@unseal/sealed-results";
 * import { upgradeEvent } from "@unseal/sealed-results/event";
 *
 * const unsealer = createUnsealer({ keys: "p2PA7MGy5tx56cnyJaFZMr96BCFwZeHjZV2EqMvTq53=" });
 *
 * async function isBot(sealedResult: string): Promise<boolean> {
 *   const event = upgradeEvent(await unsealer.unseal(sealedResult));
 *   return event.bot === "bad";
 * }
 * ```
 */
export function upgradeEvent(event: FingerprintEvent | WebhookEvent): FingerprintEventV4 {
  let upgraded: FingerprintEventV4 | UpgradeErrorCode;
  try {
    upgraded = upgrade(event);
  } catch {
    // A getter or a proxy has thrown. Its error is dropped, because it may quote the event.
    upgraded = "ERR_UPGRADE_SHAPE";
  }
  if (typeof upgraded === "string") throw new UpgradeError(upgraded, MESSAGES[upgraded]);
  return upgraded;
}

const MESSAGES: Readonly<Record<UpgradeErrorCode, string>> = {
  ERR_UPGRADE_SHAPE: "Cannot upgrade event: neither a v3 nor a v4 event",
  ERR_UPGRADE_INCOMPLETE: "Cannot upgrade event: it has no id or no time",
};

function upgrade(event: FingerprintEvent | WebhookEvent): FingerprintEventV4 | UpgradeErrorCode {
  if (!isEvent(event) && !isWebhookEvent(event)) return "ERR_UPGRADE_SHAPE";
  const products = productsOf(event);
  return products === undefined ? event as FingerprintEventV4 : upgradeProducts(products); // not v3, so v4
}

function upgradeProducts(products: Products): FingerprintEventV4 | UpgradeErrorCode {
  const identification = products("identification");
  const botd = products("botd");
  const { id, timestamp, ip, url, linkedId } = readOrigin(identification, botd);
  if (id === undefined || timestamp === undefined) return "ERR_UPGRADE_INCOMPLETE";
  const browser = read(identification, "browserDetails");
  return defined({
    event_id: id,
    timestamp,
    linked_id: linkedId,
    tags: record(read(identification, "tag")) ?? record(read(botd, "meta")),
    environment_id: text(read(identification, "environmentId")),
    suspect: flag(read(identification, "suspect")),
    replayed: flag(read(identification, "replayed")),
    identification: upgradeIdentification(identification),
    supplementary_id_high_recall: upgradeIdentification(readPath(identification, "supplementaryIds", "highRecall")),
    sdk: upgradeSdk(read(identification, "sdk")),
    url,
    client_referrer: text(read(identification, "clientReferrer")),
    ip_address: ip,
    user_agent: text(read(browser, "userAgent")) ?? text(read(botd, "userAgent")),
    device: text(read(browser, "device")),
    os: text(read(browser, "os")),
    os_version: text(read(browser, "osVersion")),
    browser_details: upgradeBrowserDetails(browser),
    proximity: upgradeProximity(products("proximity")),
    ...upgradeBotSignals(products),
    ...upgradeNetworkSignals(products),
    ...upgradeDeviceSignals(products),
    ...upgradeActivitySignals(products),
    labels: upgradeLabels(products("labels")),
    raw_device_attributes: upgradeRawDeviceAttributes(
      products("rawDeviceAttributes"),
      read(identification, "components"),
    ),
  });
}
