/**
 * The network signals of a v3 event: addresses, proxies and VPNs.
 *
 * @module
 */

import type { Confidence, ProxyType } from "./shared.ts";

/** Information about the client's addresses. */
export interface IpInfoV3 {
  /** The IPv4 address. */
  readonly v4?: IpAddressInfoV3;
  /** The IPv6 address. */
  readonly v6?: IpAddressInfoV3;
}

/** Information about one address. */
export interface IpAddressInfoV3 {
  /** The address. */
  readonly address: string;
  /** The address's location. */
  readonly geolocation: GeolocationV3;
  /** Its autonomous system. */
  readonly asn?: AsnV3;
  /** The data centre that it belongs to. */
  readonly datacenter?: DatacenterV3;
}

/** The approximate location of an address. */
export interface GeolocationV3 {
  /** The accuracy radius, in kilometres. */
  readonly accuracyRadius?: number;
  /** The latitude, in degrees. */
  readonly latitude?: number;
  /** The longitude, in degrees. */
  readonly longitude?: number;
  /** The postal code. */
  readonly postalCode?: string;
  /** The time zone, such as `Europe/Prague`. */
  readonly timezone?: string;
  /** The city. */
  readonly city?: CityV3;
  /** The country. */
  readonly country?: PlaceV3;
  /** The continent. */
  readonly continent?: PlaceV3;
  /** Parts of the country, the largest first. */
  readonly subdivisions?: SubdivisionV3[];
}

/** A city. */
export interface CityV3 {
  /** Its name in English. */
  readonly name?: string;
}

/** A country or continent. */
export interface PlaceV3 {
  /** Its code: a country's by ISO 3166-1, a continent's such as `EU`. */
  readonly code: string;
  /** Its name in English. */
  readonly name: string;
}

/** A part of a country. */
export interface SubdivisionV3 {
  /** Its code within the country, by ISO 3166-2. */
  readonly isoCode: string;
  /** Its name. */
  readonly name: string;
}

/** An autonomous system. */
export interface AsnV3 {
  /** Its number, such as `7922`. */
  readonly asn: string;
  /** Its name. */
  readonly name: string;
  /** The address's network, such as `73.136.0.0/13`. */
  readonly network: string;
  /** The kind of network: `isp`, `hosting`, `business`, `education` and others. */
  readonly type?: string;
}

/** Whether an address belongs to a data centre, and which. */
export interface DatacenterV3 {
  /** Whether the address belongs to a data centre. */
  readonly result: boolean;
  /** The data centre's name; may be empty. */
  readonly name: string;
}

/** Whether an address is on a blocklist. */
export interface IpBlocklistV3 {
  /** Whether it is on any list. */
  readonly result: boolean;
  /** The lists that it is on. */
  readonly details: IpBlocklistDetailsV3;
}

/** The blocklists that an address is on. */
export interface IpBlocklistDetailsV3 {
  /** Senders of spam. */
  readonly emailSpam: boolean;
  /** Sources of attacks (SSH, HTTPS). */
  readonly attackSource: boolean;
}

/** Whether the address belongs to a public or residential proxy. */
export interface ProxyV3 {
  /** Whether a proxy was detected. */
  readonly result: boolean;
  /** How sure `result` is; `high` when no proxy is detected. */
  readonly confidence?: Confidence;
  /** Details of the proxy, if one is detected. */
  readonly details?: ProxyDetailsV3 | null;
  /** The model's score for a proxy, from 0 to 1. Beta. */
  readonly mlScore?: number;
}

/** A detected proxy. */
export interface ProxyDetailsV3 {
  /** Where its traffic leaves it. */
  readonly proxyType: ProxyType;
  /** When the address was last seen as a proxy, as ISO 8601 in UTC, to the hour. */
  readonly lastSeenAt?: string;
}

/** Whether a VPN or another anonymizing service is used. */
export interface VpnV3 {
  /** Whether a VPN was detected. */
  readonly result: boolean;
  /** How sure `result` is. */
  readonly confidence?: Confidence;
  /** The model's score for a VPN, from 0 to 1. Beta. */
  readonly mlScore?: number;
  /** The browser's time zone, such as `Europe/Berlin`, which `methods.timezoneMismatch` compares. */
  readonly originTimezone?: string;
  /** The country of the device, as an ISO 3166 code, or `unknown`. */
  readonly originCountry?: string;
  /** Which methods detected the VPN. */
  readonly methods: VpnMethodsV3;
}

/** Which methods detected a VPN. */
export interface VpnMethodsV3 {
  /** The browser's time zone differs from the address's. */
  readonly timezoneMismatch: boolean;
  /** The address belongs to a public VPN service. */
  readonly publicVPN: boolean;
  /** Methods for mobile devices. */
  readonly auxiliaryMobile?: boolean;
  /** The operating system differs from the one that the network traffic suggests. */
  readonly osMismatch?: boolean;
  /** The address belongs to a relay, such as Apple's Private Relay. A relay does not hide the country. */
  readonly relay?: boolean;
  /** The model's prediction. */
  readonly mlPrediction?: boolean;
}
