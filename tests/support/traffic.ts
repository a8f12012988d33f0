/**
 * Events of both versions, and the counts of them, which are made from what the events were made of.
 *
 * @module
 */

import { sampleEventV3, sampleEventV4 } from "../../src/testing/mod.ts";
import { randomNumbers } from "./random.ts";

/** What an event is made of. */
export interface Visit {
  readonly version: "v3" | "v4";
  readonly time: number;
  readonly visitor: string;
  readonly country: string;
  readonly bot: "bad" | "good" | "not_detected";
  readonly vpn: boolean;
}

const DAY_MS = 86_400_000;
export const FIRST_DAY = Date.UTC(2026, 9, 30);

/** Visits over ten days, alternately of both versions. */
export function visits(count: number, seed = 1): Visit[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, index) => ({
    version: index % 2 === 0 ? "v3" : "v4",
    time: FIRST_DAY + random(10) * DAY_MS + random(DAY_MS),
    visitor: `visitor${random(Math.ceil(count / 3))}`,
    country: ["DE", "US", "FR", "JP", "BR"][random(5)]!, // below 5
    bot: random(9) === 0 ? "bad" : random(9) === 0 ? "good" : "not_detected",
    vpn: random(7) === 0,
  }));
}

export function eventOf({ version, time, visitor, country, bot, vpn }: Visit): unknown {
  if (version === "v4") {
    return sampleEventV4({
      timestamp: time,
      identification: { visitor_id: visitor },
      ip_info: { v4: { geolocation: { country_code: country } } },
      bot,
      vpn,
    });
  }
  return sampleEventV3({
    products: {
      identification: { data: { timestamp: time, visitorId: visitor } },
      ipInfo: { data: { v4: { geolocation: { country: { code: country } } } } },
      botd: { data: { bot: { result: bot === "not_detected" ? "notDetected" : bot } } },
      vpn: { data: { result: vpn } },
    },
  });
}

/** The counts of visits by a property, by its value. */
export function countBy(all: readonly Visit[], of: (visit: Visit) => string): Record<string, unknown> {
  const names = [...new Set(all.map(of))].sort();
  return Object.fromEntries(names.map((name) => {
    const group = all.filter((visit) => of(visit) === name);
    return [name, {
      events: group.length,
      visitors: new Set(group.map(({ visitor }) => visitor)).size,
      bad_bots: group.filter(({ bot }) => bot === "bad").length,
      good_bots: group.filter(({ bot }) => bot === "good").length,
      vpn_events: group.filter(({ vpn }) => vpn).length,
    }];
  }));
}

export function dayOf({ time }: Visit): string {
  return new Date(time).toISOString().slice(0, 10);
}
