/**
 * The v4 event: flat and in snake_case, as the Server API v4 `GET /v4/events/{event_id}` has it and the v4 agent seals it.
 *
 * Nothing but `event_id` and `timestamp` is checked when an event is opened, so every other field is optional here.
 * Fields that are not listed stay in the event and read as `unknown`. For more, give a `schema`.
 *
 * @module
 */

import type { Confidence } from "./event-v3.ts";

/** A v4 event. */
export interface FingerprintEventV4 {
  /** The id of the event, unique: `<Unix milliseconds>.<characters>`. */
  readonly event_id: string;
  /** Unix milliseconds. */
  readonly timestamp: number;
  /** Of v3 only: tells the two apart. */
  readonly products?: undefined;
  /** `partially_completed`: the Smart Signals must be ignored even where they are present. */
  readonly incremental_identification_status?: "partially_completed" | "completed";
  /** What the page gave as `linked_id`. */
  readonly linked_id?: string;
  /** What the page gave as `tags`. */
  readonly tags?: { readonly [name: string]: unknown };
  readonly environment_id?: string;
  readonly suspect?: boolean;
  readonly sdk?: { readonly platform?: string; readonly version?: string; readonly [field: string]: unknown };
  readonly source?: string;
  /** Whether Fingerprint has seen this very request before. */
  readonly replayed?: boolean;
  /** Absent when the visitor could not be identified. */
  readonly identification?: IdentificationV4;
  /** The path and the query may be hashed: compare origins only. */
  readonly url?: string;
  readonly client_referrer?: string;
  readonly ip_address?: string;
  readonly user_agent?: string;
  readonly device?: string;
  readonly os?: string;
  readonly os_version?: string;
  readonly browser_details?: {
    readonly browser_name?: string;
    readonly browser_major_version?: string;
    readonly browser_full_version?: string;
    readonly os?: string;
    readonly os_version?: string;
    readonly device?: string;
    readonly [field: string]: unknown;
  };
  readonly bot?: "not_detected" | "good" | "bad";
  readonly bot_type?: string;
  readonly cloned_app?: boolean;
  readonly developer_tools?: boolean;
  readonly emulator?: boolean;
  /** Unix seconds. */
  readonly factory_reset_timestamp?: number;
  readonly frida?: boolean;
  readonly high_activity_device?: boolean;
  readonly incognito?: boolean;
  readonly ip_blocklist?: {
    readonly email_spam?: boolean;
    readonly attack_source?: boolean;
    readonly tor_node?: boolean;
  };
  readonly ip_info?: { readonly v4?: IpInfoV4; readonly v6?: IpInfoV4 };
  readonly jailbroken?: boolean;
  readonly location_spoofing?: boolean;
  readonly mitm_attack?: boolean;
  readonly privacy_settings?: boolean;
  readonly proximity?: { readonly id?: string; readonly precision_radius?: number; readonly confidence?: number };
  readonly proxy?: boolean;
  readonly proxy_confidence?: Confidence;
  readonly raw_device_attributes?: { readonly [attribute: string]: unknown };
  readonly root_apps?: boolean;
  readonly rule_action?: { readonly type?: string; readonly [field: string]: unknown };
  /** The sum of the weights of the signals that fired. */
  readonly suspect_score?: number;
  readonly tampering?: boolean;
  readonly tampering_ml_score?: number;
  readonly velocity?: { readonly [series: string]: VelocityV4 | undefined };
  readonly virtual_machine?: boolean;
  readonly vpn?: boolean;
  readonly vpn_confidence?: Confidence;
  readonly vpn_methods?: { readonly [method: string]: boolean | undefined };
  readonly labels?: unknown;
  readonly [field: string]: unknown;
}

/** Who the visitor is. */
export interface IdentificationV4 {
  readonly visitor_id?: string;
  readonly confidence?: { readonly score?: number; readonly [field: string]: unknown };
  readonly visitor_found?: boolean;
  /** Unix milliseconds. */
  readonly first_seen_at?: number;
  /** Unix milliseconds. */
  readonly last_seen_at?: number;
  readonly [field: string]: unknown;
}

/** What is known of an address. */
export interface IpInfoV4 {
  readonly address?: string;
  readonly geolocation?: {
    readonly accuracy_radius?: number;
    readonly latitude?: number;
    readonly longitude?: number;
    readonly postal_code?: string;
    readonly timezone?: string;
    readonly city_name?: string;
    readonly country_code?: string;
    readonly country_name?: string;
    readonly continent_code?: string;
    readonly continent_name?: string;
    readonly subdivisions?: readonly { readonly iso_code?: string; readonly name?: string }[];
  };
  readonly asn?: string;
  readonly asn_name?: string;
  readonly asn_network?: string;
  readonly asn_type?: string;
  readonly datacenter_result?: boolean;
  readonly datacenter_name?: string;
}

/** A count of events over the last five minutes, hour and day. */
export interface VelocityV4 {
  readonly "5_minutes"?: number;
  readonly "1_hour"?: number;
  readonly "24_hours"?: number;
}
