/**
 * Converts the bot, device and activity signals of a v3 event to v4.
 *
 * @module
 */

import type { ActivitySignalsV4, LabelV4, VelocityCountsV4 } from "../types/v4-activity.ts";
import type { BotSignalsV4 } from "../types/v4-bot.ts";
import type { DeviceSignalsV4 } from "../types/v4-device.ts";
import { botResult, confidence, flag, number, oneOf, read, text } from "../fields.ts";
import type { Products } from "../products.ts";
import { parseTime } from "../time.ts";
import { defined, group, listOf, of, renamed } from "./fields.ts";

/** Converts the bot signals. */
export function upgradeBotSignals(products: Products): BotSignalsV4 {
  const bot = read(products("botd"), "bot");
  return defined({ bot: botResult(read(bot, "result")), bot_type: text(read(bot, "type")) });
}

const RARITIES = ["<p95", "p95-p99", "p99-p99.5", "p99.5-p99.9", "p99.9+", "not_seen"] as const;

/** Converts the device signals. */
export function upgradeDeviceSignals(products: Products): DeviceSignalsV4 {
  const signal = (product: string) => read(products(product), "result");
  const tampering = products("tampering");
  const rarity = read(products("rareDevice"), "percentileBucket");
  return defined({
    ...renamed(signal, flag, "cloned_app", "developer_tools", "emulator", "frida", "jailbroken", "location_spoofing"),
    ...renamed(signal, flag, "mitm_attack", "privacy_settings", "rare_device", "root_apps", "tampering"),
    ...renamed(signal, flag, "virtual_machine"),
    // v3 has seconds in `timestamp`, v4 has milliseconds.
    factory_reset_timestamp: parseTime(read(products("factoryReset"), "time")),
    incognito: flag(signal("incognito")) ?? flag(read(products("identification"), "incognito")),
    rare_device_percentile_bucket: oneOf(rarity, RARITIES),
    tampering_confidence: confidence(read(tampering, "confidence")),
    tampering_ml_score: number(read(tampering, "mlScore")),
    tampering_details: group({
      anomaly_score: number(read(tampering, "anomalyScore")),
      anti_detect_browser: flag(read(tampering, "antiDetectBrowser")),
    }),
    virtual_machine_ml_score: number(read(products("virtualMachine"), "mlScore")),
  });
}

/** Converts the activity signals. */
export function upgradeActivitySignals(products: Products): ActivitySignalsV4 {
  const velocity = products("velocity");
  const counts = (series: unknown) => upgradeCounts(read(series, "intervals"));
  return defined({
    high_activity_device: flag(read(products("highActivity"), "result")),
    velocity: group({
      ...renamed(of(velocity), counts, "distinct_ip", "distinct_linked_id", "distinct_country", "events"),
      ...renamed(of(velocity), counts, "ip_events", "distinct_ip_by_linked_id"),
      ...renamed(of(velocity), counts, "distinct_visitor_id_by_linked_id"),
    }),
    suspect_score: number(read(products("suspectScore"), "result")),
  });
}

function upgradeCounts(intervals: unknown): VelocityCountsV4 | undefined {
  const minutes = number(read(intervals, "5m"));
  const hour = number(read(intervals, "1h"));
  if (minutes === undefined || hour === undefined) return undefined;
  return defined({ "5_minutes": minutes, "1_hour": hour, "24_hours": number(read(intervals, "24h")) });
}

/** Converts the labels. */
export function upgradeLabels(data: unknown): LabelV4[] | undefined {
  return listOf(data, (element) => {
    const label = text(read(element, "label"));
    if (label === undefined) return undefined;
    const prediction = flag(read(element, "prediction"));
    return defined({ label, prediction, ml_score: number(read(element, "mlScore")) });
  });
}
