/**
 * Converts the network signals of a v3 event to v4.
 *
 * @module
 */

import type {
  GeolocationV4,
  IpAddressInfoV4,
  IpInfoV4,
  NetworkSignalsV4,
  ProxyDetailsV4,
  SubdivisionV4,
} from "../types/v4-network.ts";
import { confidence, flag, number, oneOf, read, readPath, text } from "../fields.ts";
import type { Products } from "../products.ts";
import { parseTime } from "../time.ts";
import { defined, group, listOf, of, renamed } from "./fields.ts";

/** Converts the signals of addresses, proxies and VPNs. */
export function upgradeNetworkSignals(products: Products): NetworkSignalsV4 {
  const vpn = products("vpn");
  const proxy = products("proxy");
  const blocklist = read(products("ipBlocklist"), "details");
  return defined({
    ip_info: upgradeIpInfo(products("ipInfo")) ?? upgradeIpLocation(products("identification")),
    ip_blocklist: group({
      ...renamed(of(blocklist), flag, "email_spam", "attack_source"),
      tor_node: flag(read(products("tor"), "result")),
    }),
    proxy: flag(read(proxy, "result")),
    proxy_confidence: confidence(read(proxy, "confidence")),
    proxy_details: upgradeProxyDetails(read(proxy, "details")),
    proxy_ml_score: number(read(proxy, "mlScore")),
    vpn: flag(read(vpn, "result")),
    vpn_confidence: confidence(read(vpn, "confidence")),
    vpn_ml_score: number(read(vpn, "mlScore")),
    vpn_origin_timezone: text(read(vpn, "originTimezone")),
    vpn_origin_country: text(read(vpn, "originCountry")),
    vpn_methods: group({
      public_vpn: flag(readPath(vpn, "methods", "publicVPN")),
      ...renamed(of(read(vpn, "methods")), flag, "timezone_mismatch", "auxiliary_mobile", "os_mismatch"),
      ...renamed(of(read(vpn, "methods")), flag, "relay", "ml_prediction"),
    }),
  });
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

/** Converts the location that workspaces created before 2024 have instead of `ipInfo`. */
function upgradeIpLocation(identification: unknown): IpInfoV4 | undefined {
  const address = text(read(identification, "ip"));
  const geolocation = upgradeGeolocation(read(identification, "ipLocation"));
  if (address === undefined || geolocation === undefined) return undefined;
  return { [address.includes(":") ? "v6" : "v4"]: { address, geolocation } };
}

function upgradeAddress(info: unknown): IpAddressInfoV4 | undefined {
  const address = text(read(info, "address"));
  if (address === undefined) return undefined;
  return defined({
    address,
    geolocation: upgradeGeolocation(read(info, "geolocation")),
    asn: text(readPath(info, "asn", "asn")),
    asn_name: text(readPath(info, "asn", "name")),
    asn_network: text(readPath(info, "asn", "network")),
    asn_type: text(readPath(info, "asn", "type")),
    datacenter_result: flag(readPath(info, "datacenter", "result")),
    datacenter_name: text(readPath(info, "datacenter", "name")),
  });
}

function upgradeGeolocation(location: unknown): GeolocationV4 | undefined {
  return group({
    ...renamed(of(location), number, "accuracy_radius", "latitude", "longitude"),
    ...renamed(of(location), text, "postal_code", "timezone"),
    city_name: text(readPath(location, "city", "name")),
    country_code: text(readPath(location, "country", "code")),
    country_name: text(readPath(location, "country", "name")),
    continent_code: text(readPath(location, "continent", "code")),
    continent_name: text(readPath(location, "continent", "name")),
    subdivisions: listOf(read(location, "subdivisions"), upgradeSubdivision),
  });
}

function upgradeSubdivision(subdivision: unknown): SubdivisionV4 | undefined {
  const iso_code = text(read(subdivision, "isoCode"));
  const name = text(read(subdivision, "name"));
  return iso_code === undefined || name === undefined ? undefined : { iso_code, name };
}
