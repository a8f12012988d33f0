/**
 * The device and activity signals of a v3 event.
 *
 * @module
 */

import type { Confidence, RarityBucket } from "./shared.ts";

/** A signal that is on or off. */
export interface SignalV3 {
  /** Whether it is on. */
  readonly result: boolean;
}

/** When a mobile device was last reset. The epoch if unknown, and in browsers. */
export interface FactoryResetV3 {
  /** As ISO 8601 in UTC. */
  readonly time: string;
  /** The same as a Unix time, in seconds. v4 has milliseconds. */
  readonly timestamp: number;
}

/** Whether the browser's or device's attributes were tampered with. */
export interface TamperingV3 {
  /** Whether any method detected tampering. */
  readonly result: boolean;
  /** How sure `result` is; `high` when none is detected. Absent in events from before 2026. */
  readonly confidence?: Confidence;
  /** How unusual the attributes are, from 0 to 1; above 0.5 counts. */
  readonly anomalyScore: number;
  /** The model's score for an anti-detect browser, from 0 to 1; above 0.8 counts. */
  readonly mlScore?: number;
  /** Whether this is an anti-detect browser. */
  readonly antiDetectBrowser?: boolean;
}

/** Whether the browser runs in a virtual machine. */
export interface VirtualMachineV3 {
  /** Whether a virtual machine was detected. */
  readonly result: boolean;
  /** The model's score for a virtual machine, from 0 to 1. */
  readonly mlScore?: number;
}

/** Whether the device's attributes are rare or new. Beta. */
export interface RareDeviceV3 {
  /** Whether the attributes are among the rarest thousandth, or new. */
  readonly result?: boolean;
  /** How rare the attributes are. */
  readonly percentileBucket?: RarityBucket;
}

/** Whether the visitor is unusually active. */
export interface HighActivityV3 {
  /** Whether the visitor is unusually active. */
  readonly result: boolean;
  /** How many requests the visitor made on the day before. */
  readonly dailyRequests?: number;
}

/** The sum of the weights of the signals that fired. */
export interface SuspectScoreV3 {
  /** The sum, from 0. */
  readonly result: number;
}

/** Counts of recent events. */
export interface VelocityV3 {
  /** Addresses of this visitor. */
  readonly distinctIp: VelocitySeriesV3;
  /** Linked ids of this visitor. */
  readonly distinctLinkedId: VelocitySeriesV3;
  /** Countries of this visitor. */
  readonly distinctCountry: VelocitySeriesV3;
  /** Events of this visitor. */
  readonly events: VelocitySeriesV3;
  /** Events of this address. */
  readonly ipEvents?: VelocitySeriesV3;
  /** Addresses of this linked id. */
  readonly distinctIpByLinkedId?: VelocitySeriesV3;
  /** Visitors of this linked id. */
  readonly distinctVisitorIdByLinkedId?: VelocitySeriesV3;
}

/** A count over three intervals. */
export interface VelocitySeriesV3 {
  /** The counts. Absent when the event lacks the value to count by, such as a linked id. */
  readonly intervals?: VelocityCountsV3;
}

/** A count over three intervals that end with the event. */
export interface VelocityCountsV3 {
  /** In the last five minutes. */
  readonly "5m": number;
  /** In the last hour. */
  readonly "1h": number;
  /** In the last day. Distinct counts lack it when the visitor has over 20,000 events in that day. */
  readonly "24h"?: number;
}
