/**
 * The v4 event: flat and in snake_case, as `GET /v4/events/{event_id}` returns it, the v4 agent seals it and v4
 * webhooks send it.
 *
 * The types follow the vendor's OpenAPI description: the same fields, required and optional. When an event is opened,
 * only `event_id` and `timestamp` are checked: pass a `schema` to check more.
 *
 * Fields that are newer than the description stay in the event. They are not in the types, so that a misspelt name is
 * an error: to read one, add it to the type, as in `event as FingerprintEventV4 & { new_field?: boolean }`.
 *
 * @module
 */

import type { SdkIntegration } from "./shared.ts";
import type { ActivitySignalsV4, LabelV4 } from "./v4-activity.ts";
import type { BotSignalsV4 } from "./v4-bot.ts";
import type { ClientV4 } from "./v4-client.ts";
import type { DeviceSignalsV4 } from "./v4-device.ts";
import type { HighRecallIdV4, IdentificationV4 } from "./v4-identification.ts";
import type { IpInfoV4, NetworkSignalsV4 } from "./v4-network.ts";
import type { RawDeviceAttributesV4 } from "./v4-raw-device-attributes.ts";
import type { RuleActionV4 } from "./v4-rule-action.ts";

/** A v4 event. */
export interface FingerprintEventV4
  extends ClientV4, BotSignalsV4, NetworkSignalsV4, DeviceSignalsV4, ActivitySignalsV4 {
  /** The id of the event, unique: `<Unix milliseconds>.<characters>`. */
  readonly event_id: string;
  /** When it happened, in Unix milliseconds. */
  readonly timestamp: number;
  /** Present in v3 events only; it distinguishes the two versions. */
  readonly products?: undefined;
  /** `device`: from an agent or a mobile SDK. `edge`: from `POST /v4/edge`. */
  readonly source?: "device" | "edge";
  /** `partially_completed`: the Smart Signals were not computed, and must be ignored even where they are present. */
  readonly incremental_identification_status?: "completed" | "partially_completed";
  /** The `linked_id` that the page passed. */
  readonly linked_id?: string;
  /** The `tags` that the page passed, or that were set later. */
  readonly tags?: { readonly [name: string]: unknown };
  /** The id of the workspace's environment. */
  readonly environment_id?: string;
  /** Whether the event was marked as suspect through the Server API. */
  readonly suspect?: boolean;
  /** Whether Fingerprint found that the agent's request was sent again. */
  readonly replayed?: boolean;
  /** The visitor. Absent when the visitor was not identified. */
  readonly identification?: IdentificationV4;
  /** A second visitor id, which recognises more returning browsers and confuses more of them. */
  readonly supplementary_id_high_recall?: HighRecallIdV4;
  /** The agent or mobile SDK. */
  readonly sdk?: SdkV4;
  /** The action of the matching rule. Present if the event was requested with a `ruleset_id`. */
  readonly rule_action?: RuleActionV4;
  /** In webhooks only: the triggers that made Fingerprint send it. */
  readonly triggered_by?: TriggerV4[];
  /** Predictions of models that were trained on the customer's data. Beta. */
  readonly labels?: LabelV4[];
  /** Attributes of the browser or device as they were collected. */
  readonly raw_device_attributes?: RawDeviceAttributesV4;
}

/** The agent or mobile SDK that made the request. */
export interface SdkV4 {
  /** The platform. */
  readonly platform: "android" | "ios" | "js" | "unknown";
  /** Its version, such as `4.1.5`. */
  readonly version: string;
  /** The libraries that wrap it. */
  readonly integrations?: SdkIntegration[];
}

/** A trigger of a webhook. */
export interface TriggerV4 {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its description. */
  readonly description: string;
}

/** The response of `POST /v4/edge`, which evaluates a request that was intercepted at the edge. Beta. */
export interface EdgeEventV4 extends
  Pick<
    FingerprintEventV4,
    | "event_id"
    | "timestamp"
    | "source"
    | "linked_id"
    | "tags"
    | "url"
    | "bot_info"
    | "proxy"
    | "proxy_confidence"
    | "proxy_details"
    | "vpn"
    | "vpn_confidence"
    | "vpn_methods"
  > {
  /** Information about the client's addresses. */
  readonly ip_info: IpInfoV4;
}
