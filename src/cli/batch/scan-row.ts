/**
 * The flat row of an event from its JSON, as `toRow(JSON.parse(text))` returns it, but without parsing what the row does
 * not need.
 *
 * @module
 */

import { botResult, flag, number, text } from "../../event/fields.ts";
import type { EventRow } from "../../event/row.ts";
import { formatTime, parseTime } from "../../event/time.ts";
import { placesOf, readValues } from "./json-values.ts";

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

const ROOT = placesOf(paths);

/**
 * @param json The event's JSON: authentic, but otherwise unchecked.
 * @returns The row; `undefined` when the text is not an event, or one that only `JSON.parse` reads.
 */
export function scanRow(json: Uint8Array, keyId: string): EventRow | undefined {
  const values = readValues(json, ROOT, paths.length);
  if (values === undefined) return undefined;
  if (values[PRODUCTS] !== undefined) return rowV3(values, keyId);
  // As isEvent() demands.
  const isV4 = typeof values[V4.eventId] === "string" && typeof values[V4.timestamp] === "number";
  return isV4 ? rowV4(values, keyId) : undefined;
}

function rowV3(values: readonly unknown[], keyId: string): EventRow {
  const { identification, botd } = V3;
  const either = (name: keyof typeof botd) => text(values[identification[name]]) ?? text(values[botd[name]]);
  const timestamp = number(values[V3.timestamp]) ?? parseTime(values[identification.time]) ??
    parseTime(values[botd.time]);
  const { ip, info } = seenAddress(values, either("ip"), V3.v4, V3.v6);
  return {
    event_id: either("requestId") ?? null,
    time: formatTime(timestamp),
    visitor_id: text(values[V3.visitorId]) ?? null,
    linked_id: either("linkedId") ?? null,
    bot: botResult(values[V3.bot]) ?? null,
    vpn: flag(values[V3.vpn]) ?? null,
    proxy: flag(values[V3.proxy]) ?? null,
    tor: flag(values[V3.tor]) ?? null,
    tampering: flag(values[V3.tampering]) ?? null,
    incognito: flag(values[V3.incognito]) ?? flag(values[V3.incognitoMode]) ?? null,
    suspect_score: number(values[V3.suspectScore]) ?? null,
    country: text(values[info?.country ?? V3.country]) ?? null,
    asn: info === undefined ? null : text(values[info.asn]) ?? null,
    ip: ip ?? null,
    url: either("url") ?? null,
    confidence: number(values[V3.confidence]) ?? null,
    first_seen: formatTime(parseTime(values[V3.firstSeenAt])),
    last_seen: formatTime(parseTime(values[V3.lastSeenAt])),
    replayed: flag(values[V3.replayed]) ?? null,
    key_id: keyId,
    error: null,
  };
}

function rowV4(values: unknown[], keyId: string): EventRow {
  if (values[V4.status] === "partially_completed") {
    // As summarize() reads it.
    const { bot, vpn, proxy, tor, tampering, incognito, suspectScore, v4, v6 } = V4;
    for (const index of [bot, vpn, proxy, tor, tampering, incognito, suspectScore, v4.address, v6.address]) {
      values[index] = undefined;
    }
  }
  const { ip, info } = seenAddress(values, text(values[V4.ip]), V4.v4, V4.v6);
  return {
    event_id: text(values[V4.eventId]) ?? null,
    time: formatTime(number(values[V4.timestamp])),
    visitor_id: text(values[V4.visitorId]) ?? null,
    linked_id: text(values[V4.linkedId]) ?? null,
    bot: botResult(values[V4.bot]) ?? null,
    vpn: flag(values[V4.vpn]) ?? null,
    proxy: flag(values[V4.proxy]) ?? null,
    tor: flag(values[V4.tor]) ?? null,
    tampering: flag(values[V4.tampering]) ?? null,
    incognito: flag(values[V4.incognito]) ?? null,
    suspect_score: number(values[V4.suspectScore]) ?? null,
    country: info === undefined ? null : text(values[info.country]) ?? null,
    asn: info === undefined ? null : text(values[info.asn]) ?? null,
    ip: ip ?? null,
    url: text(values[V4.url]) ?? null,
    confidence: number(values[V4.confidence]) ?? null,
    first_seen: formatTime(number(values[V4.firstSeenAt])),
    last_seen: formatTime(number(values[V4.lastSeenAt])),
    replayed: flag(values[V4.replayed]) ?? null,
    key_id: keyId,
    error: null,
  };
}

/** The address that Fingerprint saw, and the place of the information about it, as `summarize()` finds them. */
function seenAddress(values: readonly unknown[], ip: string | undefined, v4: AddressPlace, v6: AddressPlace) {
  const addressV4 = text(values[v4.address]);
  const addressV6 = text(values[v6.address]);
  const infoV4 = addressV4 === undefined ? undefined : v4;
  const infoV6 = addressV6 === undefined ? undefined : v6;
  const seen = ip ?? addressV4 ?? addressV6;
  return { ip: seen, info: seen?.includes(":") === true ? infoV6 ?? infoV4 : infoV4 ?? infoV6 };
}
