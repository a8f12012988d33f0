/**
 * The activity signals of a v4 event, and the score over all signals.
 *
 * @module
 */

/** How active the visitor is, and how suspect. */
export interface ActivitySignalsV4 {
  /** Whether the visitor is unusually active. */
  readonly high_activity_device?: boolean;
  /** Counts of recent events. */
  readonly velocity?: VelocityV4;
  /** The sum of the weights of the signals that fired, from 0. */
  readonly suspect_score?: number;
}

/**
 * Counts of recent events. A series is absent when the event lacks the value to count by, such as a linked id, or when
 * Fingerprint has no count.
 */
export interface VelocityV4 {
  /** Addresses of this visitor. */
  readonly distinct_ip?: VelocityCountsV4;
  /** Linked ids of this visitor. */
  readonly distinct_linked_id?: VelocityCountsV4;
  /** Countries of this visitor. */
  readonly distinct_country?: VelocityCountsV4;
  /** Events of this visitor. */
  readonly events?: VelocityCountsV4;
  /** Events of this address. */
  readonly ip_events?: VelocityCountsV4;
  /** Addresses of this linked id. */
  readonly distinct_ip_by_linked_id?: VelocityCountsV4;
  /** Visitors of this linked id. */
  readonly distinct_visitor_id_by_linked_id?: VelocityCountsV4;
}

/** A count over three intervals that end with the event. */
export interface VelocityCountsV4 {
  /** In the last five minutes. */
  readonly "5_minutes": number;
  /** In the last hour. */
  readonly "1_hour": number;
  /** In the last day. Distinct counts lack it when the visitor has over 20,000 events in that day. */
  readonly "24_hours"?: number;
}

/** A prediction of a model that was trained on the customer's data. Beta. */
export interface LabelV4 {
  /** What it predicts, such as `automation_tool`. */
  readonly label: string;
  /** The prediction. */
  readonly prediction?: boolean;
  /** How likely it is, from 0 to 1. */
  readonly ml_score?: number;
}
