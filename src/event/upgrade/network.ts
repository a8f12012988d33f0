/**
 * Converts the network signals of a v3 event to v4.
 *
 * @module
 */

import type { Confidence } from "../types/shared.ts";
import type {
  GeolocationV4,
  IpAddressInfoV4,
  IpInfoV4,
  NetworkSignalsV4,
  ProxyDetailsV4,
  SubdivisionV4,
} from "../types/v4-network.ts";
import { flag, number, read, text } from "../fields.ts";
import { parseTime } from "../time.ts";
import { defined, group, listOf, oneOf, productData } from "./fields.ts";

/** Converts the signals of addresses, proxies and VPNs. */
export function upgradeNetworkSignals(products: unknown): NetworkSignalsV4 {
  const vpn = productData(products, "vpn");
  const proxy = productData(products, "proxy");
  const blocklist = read(productData(products, "ipBlocklist"), "details");
  return defined({
    ip_info: upgradeIpInfo(productData(products, "ipInfo")),
    ip_blocklist: group({
      email_spam: flag(read(blocklist, "emailSpam")),
      attack_source: flag(read(blocklist, "attackSource")),
      tor_node: flag(read(productData(products, "tor"), "result")),
    }),
    proxy: flag(read(proxy, "result")),
    proxy_confidence: upgradeConfidence(read(proxy, "confidence")),
    proxy_details: upgradeProxyDetails(read(proxy, "details")),
    proxy_ml_score: number(read(proxy, "mlScore")),
    vpn: flag(read(vpn, "result")),
    vpn_confidence: upgradeConfidence(read(vpn, "confidence")),
    vpn_ml_score: number(read(vpn, "mlScore")),
    vpn_origin_timezone: text(read(vpn, "originTimezone")),
    vpn_origin_country: text(read(vpn, "originCountry")),
    vpn_methods: group({
      timezone_mismatch: flag(read(vpn, "methods", "timezoneMismatch")),
      public_vpn: flag(read(vpn, "methods", "publicVPN")),
      auxiliary_mobile: flag(read(vpn, "methods", "auxiliaryMobile")),
      os_mismatch: flag(read(vpn, "methods", "osMismatch")),
      relay: flag(read(vpn, "methods", "relay")),
      ml_prediction: flag(read(vpn, "methods", "mlPrediction")),
    }),
  });
}

/** Converts a signal's confidence. */
export function upgradeConfidence(value: unknown): Confidence | undefined {
  return oneOf(value, ["low", "medium", "high"]);
}

function upgradeProxyDetails(details: unknown): ProxyDetailsV4 | undefined {
  const proxy_type = oneOf(read(details, "proxyType"), ["data_center", "residential", "unknown"]);
  if (proxy_type === undefined) return undefined;
  return defined({
    proxy_type,
    last_seen_at: parseTime(read(details, "lastSeenAt")),
    // The description of v3 lacks this field, but its examples have it.
    provider: text(read(details, "service")),
  });
}

function upgradeIpInfo(info: unknown): IpInfoV4 | undefined {
  return group({ v4: upgradeAddress(read(info, "v4")), v6: upgradeAddress(read(info, "v6")) });
}

function upgradeAddress(info: unknown): IpAddressInfoV4 | undefined {
  const address = text(read(info, "address"));
  if (address === undefined) return undefined;
  return defined({
    address,
    geolocation: upgradeGeolocation(read(info, "geolocation")),
    asn: text(read(info, "asn", "asn")),
    asn_name: text(read(info, "asn", "name")),
    asn_network: text(read(info, "asn", "network")),
    asn_type: text(read(info, "asn", "type")),
    datacenter_result: flag(read(info, "datacenter", "result")),
    datacenter_name: text(read(info, "datacenter", "name")),
  });
}

function upgradeGeolocation(location: unknown): GeolocationV4 | undefined {
  return group({
    accuracy_radius: number(read(location, "accuracyRadius")),
    latitude: number(read(location, "latitude")),
    longitude: number(read(location, "longitude")),
    postal_code: text(read(location, "postalCode")),
    timezone: text(read(location, "timezone")),
    city_name: text(read(location, "city", "name")),
    country_code: text(read(location, "country", "code")),
    country_name: text(read(location, "country", "name")),
    continent_code: text(read(location, "continent", "code")),
    continent_name: text(read(location, "continent", "name")),
    subdivisions: listOf(read(location, "subdivisions"), upgradeSubdivision),
  });
}

function upgradeSubdivision(subdivision: unknown): SubdivisionV4 | undefined {
  const iso_code = text(read(subdivision, "isoCode"));
  const name = text(read(subdivision, "name"));
  return iso_code === undefined || name === undefined ? undefined : { iso_code, name };
}
