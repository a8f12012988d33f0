/**
 * Finds the values of an event's flat row in its JSON, without parsing what the row does not need.
 *
 * @module
 */

import { parseTime } from "../../event/time.ts";
import { createJsonValues, type JsonValues } from "./json-values.ts";

const paths: string[] = [];

/** Adds a path; returns the index of its value. */
function at(path: string): number {
  return paths.push(path) - 1;
}

const PRODUCTS = at("products");

const V3 = {
  identification: originAt("products.identification.data"),
  botd: originAt("products.botd.data"),
  timestamp: at("products.identification.data.timestamp"),
  visitorId: at("products.identification.data.visitorId"),
  confidence: at("products.identification.data.confidence.score"),
  firstSeenAt: at("products.identification.data.firstSeenAt.subscription"),
  lastSeenAt: at("products.identification.data.lastSeenAt.subscription"),
  replayed: at("products.identification.data.replayed"),
  incognitoMode: at("products.identification.data.incognito"),
  country: at("products.identification.data.ipLocation.country.code"),
  bot: at("products.botd.data.bot.result"),
  v4: addressAt("products.ipInfo.data.v4", "geolocation.country.code", "asn.asn"),
  v6: addressAt("products.ipInfo.data.v6", "geolocation.country.code", "asn.asn"),
  vpn: at("products.vpn.data.result"),
  proxy: at("products.proxy.data.result"),
  tor: at("products.tor.data.result"),
  tampering: at("products.tampering.data.result"),
  incognito: at("products.incognito.data.result"),
  suspectScore: at("products.suspectScore.data.result"),
};

const V4 = {
  eventId: at("event_id"),
  timestamp: at("timestamp"),
  status: at("incremental_identification_status"),
  visitorId: at("identification.visitor_id"),
  confidence: at("identification.confidence.score"),
  firstSeenAt: at("identification.first_seen_at"),
  lastSeenAt: at("identification.last_seen_at"),
  ip: at("ip_address"),
  v4: addressAt("ip_info.v4", "geolocation.country_code", "asn"),
  v6: addressAt("ip_info.v6", "geolocation.country_code", "asn"),
  tor: at("ip_blocklist.tor_node"),
  url: at("url"),
  linkedId: at("linked_id"),
  replayed: at("replayed"),
  bot: at("bot"),
  vpn: at("vpn"),
  proxy: at("proxy"),
  tampering: at("tampering"),
  incognito: at("incognito"),
  suspectScore: at("suspect_score"),
};

interface AddressPlace {
  readonly address: number;
  readonly country: number;
  readonly asn: number;
}

function originAt(path: string) {
  return {
    requestId: at(`${path}.requestId`),
    time: at(`${path}.time`),
    ip: at(`${path}.ip`),
    url: at(`${path}.url`),
    linkedId: at(`${path}.linkedId`),
  };
}

function addressAt(path: string, country: string, asn: string): AddressPlace {
  return { address: at(`${path}.address`), country: at(`${path}.${country}`), asn: at(`${path}.${asn}`) };
}

/** The values of the event that was read last. */
export const VALUES: JsonValues = createJsonValues(paths);
/** The index of a value that no event has. */
const NONE = paths.length;

/**
 * Finds the values of a row in an event's JSON, as `toRow(JSON.parse(text))` reads them.
 *
 * @param json The event's JSON: authentic, but otherwise unchecked.
 * @returns For each column up to `replayed`, the index of its value in `VALUES`; a value of another type than the
 * column's is `null`. `undefined` when the text is not an event, or one that only `JSON.parse` reads.
 */
export function scanRow(json: Uint8Array): readonly number[] | undefined {
  if (!VALUES.find(json)) return undefined;
  if (VALUES.has(PRODUCTS)) return cellsV3();
  // As isEvent() demands.
  return VALUES.isText(V4.eventId) && VALUES.isNumber(V4.timestamp) ? cellsV4() : undefined;
}

function cellsV3(): number[] {
  const { identification, botd } = V3;
  const either = (name: keyof typeof botd) => textAt(identification[name]) ?? botd[name];
  const { ip, info } = seenAddress(either("ip"), V3.v4, V3.v6);
  const hasTime = parseTime(VALUES.text(identification.time)) !== undefined;
  return [
    either("requestId"),
    numberAt(V3.timestamp) ?? textAt(hasTime ? identification.time : botd.time) ?? NONE,
    V3.visitorId,
    either("linkedId"),
    V3.bot,
    V3.vpn,
    V3.proxy,
    V3.tor,
    V3.tampering,
    VALUES.flag(V3.incognito) === undefined ? V3.incognitoMode : V3.incognito,
    V3.suspectScore,
    info?.country ?? V3.country,
    info?.asn ?? NONE,
    ip ?? NONE,
    either("url"),
    V3.confidence,
    textAt(V3.firstSeenAt) ?? NONE,
    textAt(V3.lastSeenAt) ?? NONE,
    V3.replayed,
  ];
}

function cellsV4(): number[] {
  if (VALUES.text(V4.status) === "partially_completed") {
    // As summarize() reads it.
    const { bot, vpn, proxy, tor, tampering, incognito, suspectScore, v4, v6 } = V4;
    for (const index of [bot, vpn, proxy, tor, tampering, incognito, suspectScore, v4.address, v6.address]) {
      VALUES.remove(index);
    }
  }
  const { ip, info } = seenAddress(V4.ip, V4.v4, V4.v6);
  return [
    V4.eventId,
    V4.timestamp,
    V4.visitorId,
    V4.linkedId,
    V4.bot,
    V4.vpn,
    V4.proxy,
    V4.tor,
    V4.tampering,
    V4.incognito,
    V4.suspectScore,
    info?.country ?? NONE,
    info?.asn ?? NONE,
    ip ?? NONE,
    V4.url,
    V4.confidence,
    numberAt(V4.firstSeenAt) ?? NONE,
    numberAt(V4.lastSeenAt) ?? NONE,
    V4.replayed,
  ];
}

/** The place of a value if it is text. */
function textAt(index: number): number | undefined {
  return VALUES.isText(index) ? index : undefined;
}

/** The place of a value if it is a finite number. */
function numberAt(index: number): number | undefined {
  return VALUES.number(index) === undefined ? undefined : index;
}

/** The place of the address that Fingerprint saw, and of the information about it, as `summarize()` finds them. */
function seenAddress(ip: number, v4: AddressPlace, v6: AddressPlace) {
  const addressV4 = textAt(v4.address);
  const addressV6 = textAt(v6.address);
  const infoV4 = addressV4 === undefined ? undefined : v4;
  const infoV6 = addressV6 === undefined ? undefined : v6;
  const seen = textAt(ip) ?? addressV4 ?? addressV6;
  const isV6 = seen !== undefined && VALUES.includes(seen, ":");
  return { ip: seen, info: isV6 ? infoV6 ?? infoV4 : infoV4 ?? infoV6 };
}
