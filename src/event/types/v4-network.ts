/**
 * The network signals of a v4 event: addresses, proxies and VPNs.
 *
 * @module
 */

import type { Confidence, ProxyType } from "./shared.ts";

/** The signals of the client's address and network. */
export interface NetworkSignalsV4 {
  /** Information about the client's addresses. */
  readonly ip_info?: IpInfoV4;
  /** The blocklists that the address is on. */
  readonly ip_blocklist?: IpBlocklistV4;
  /** Whether the address belongs to a public or residential proxy. */
  readonly proxy?: boolean;
  /** How sure `proxy` is; `high` when no proxy is detected. */
  readonly proxy_confidence?: Confidence;
  /** Details of the proxy, if one is detected. */
  readonly proxy_details?: ProxyDetailsV4;
  /** The model's score for `proxy`, from 0 to 1. Beta. */
  readonly proxy_ml_score?: number;
  /** Whether a VPN or another anonymizing service is used. */
  readonly vpn?: boolean;
  /** How sure `vpn` is. */
  readonly vpn_confidence?: Confidence;
  /** The model's score for `vpn`, from 0 to 1. Beta. */
  readonly vpn_ml_score?: number;
  /** The browser's time zone, such as `Europe/Berlin`, which `vpn_methods.timezone_mismatch` compares. */
  readonly vpn_origin_timezone?: string;
  /** The country of the device, as an ISO 3166 code, or `unknown`. */
  readonly vpn_origin_country?: string;
  /** Which methods detected the VPN. */
  readonly vpn_methods?: VpnMethodsV4;
}

/** Information about the client's addresses. */
export interface IpInfoV4 {
  /** The IPv4 address. */
  readonly v4?: IpAddressInfoV4;
  /** The IPv6 address. */
  readonly v6?: IpAddressInfoV4;
}

/** Information about one address. */
export interface IpAddressInfoV4 {
  /** The address. */
  readonly address: string;
  /** The address's location. */
  readonly geolocation?: GeolocationV4;
  /** The number of its autonomous system, such as `7922`. */
  readonly asn?: string;
  /** The autonomous system's name. */
  readonly asn_name?: string;
  /** The network, such as `73.136.0.0/13`. */
  readonly asn_network?: string;
  /** The kind of network: `isp`, `hosting`, `business`, `education` and others. */
  readonly asn_type?: string;
  /** Whether it belongs to a data centre. */
  readonly datacenter_result?: boolean;
  /** The data centre's name; may be empty. */
  readonly datacenter_name?: string;
}

/** The approximate location of an address. */
export interface GeolocationV4 {
  /** The accuracy radius, in kilometres. */
  readonly accuracy_radius?: number;
  /** The latitude, in degrees. */
  readonly latitude?: number;
  /** The longitude, in degrees. */
  readonly longitude?: number;
  /** The postal code. */
  readonly postal_code?: string;
  /** The time zone, such as `Europe/Prague`. */
  readonly timezone?: string;
  /** The city's name in English. */
  readonly city_name?: string;
  /** The country's ISO 3166-1 code. */
  readonly country_code?: string;
  /** The country's name in English. */
  readonly country_name?: string;
  /** The continent's code, such as `EU`. */
  readonly continent_code?: string;
  /** The continent's name in English. */
  readonly continent_name?: string;
  /** Parts of the country, the largest first. */
  readonly subdivisions?: SubdivisionV4[];
}

/** A part of a country. */
export interface SubdivisionV4 {
  /** Its code within the country, by ISO 3166-2. */
  readonly iso_code: string;
  /** Its name. */
  readonly name: string;
}

/** The blocklists that an address is on. */
export interface IpBlocklistV4 {
  /** Senders of spam. */
  readonly email_spam?: boolean;
  /** Sources of attacks (SSH, HTTPS). */
  readonly attack_source?: boolean;
  /** Nodes of the Tor network. */
  readonly tor_node?: boolean;
}

/** A detected proxy. */
export interface ProxyDetailsV4 {
  /** Where its traffic leaves it. */
  readonly proxy_type: ProxyType;
  /** When the address was last seen as a proxy, in Unix milliseconds, to the hour. */
  readonly last_seen_at?: number;
  /** The proxy service that was last seen on the address. Several services may use one address. */
  readonly provider?: string;
}

/** Which methods detected a VPN. */
export interface VpnMethodsV4 {
  /** The browser's time zone differs from the address's. */
  readonly timezone_mismatch?: boolean;
  /** The address belongs to a public VPN service. */
  readonly public_vpn?: boolean;
  /** Methods for mobile devices. */
  readonly auxiliary_mobile?: boolean;
  /** The operating system differs from the one that the network traffic suggests. */
  readonly os_mismatch?: boolean;
  /** The address belongs to a relay, such as Apple's Private Relay. A relay does not hide the country. */
  readonly relay?: boolean;
  /** The model's prediction. */
  readonly ml_prediction?: boolean;
}
