/**
 * The device signals of a v4 event. A signal that does not exist on the device's platform is absent or `false`.
 *
 * @module
 */

import type { Confidence, RarityBucket } from "./shared.ts";

/** The signals of the browser or device. */
export interface DeviceSignalsV4 {
  /** Mobile: whether a call was active, including a call over the internet. */
  readonly active_call?: boolean;
  /** Android: whether the application runs in a cloner. */
  readonly cloned_app?: boolean;
  /** Whether the browser's developer tools are open, or the mobile device's are enabled. */
  readonly developer_tools?: boolean;
  /** Android and iOS: the device as the operating system reports it. Since 3.8.0 of the description. */
  readonly device_details?: DeviceDetailsV4;
  /** Android: whether the device is emulated. */
  readonly emulator?: boolean;
  /** Mobile: when the device was last reset, in Unix milliseconds; 0 if unknown, and in browsers. */
  readonly factory_reset_timestamp?: number;
  /** Mobile: whether Frida instruments the application. */
  readonly frida?: boolean;
  /** Whether the browser is in a private mode. */
  readonly incognito?: boolean;
  /** iOS: whether the device is jailbroken. */
  readonly jailbroken?: boolean;
  /** Mobile: whether the location is spoofed. */
  readonly location_spoofing?: boolean;
  /** Mobile: whether the requests to Fingerprint were intercepted. */
  readonly mitm_attack?: boolean;
  /** Whether the browser protects against fingerprinting, as Tor Browser does. */
  readonly privacy_settings?: boolean;
  /** Whether the device's attributes are rare or new. Beta. */
  readonly rare_device?: boolean;
  /** How rare the attributes are. Beta. */
  readonly rare_device_percentile_bucket?: RarityBucket;
  /** Android: whether applications that manage root access are installed. */
  readonly root_apps?: boolean;
  /** iOS: whether the device is a simulator. */
  readonly simulator?: boolean;
  /** Whether the browser's or device's attributes were tampered with, by any method. */
  readonly tampering?: boolean;
  /** How sure `tampering` is; `high` when none is detected. */
  readonly tampering_confidence?: Confidence;
  /** The model's score for an anti-detect browser, from 0 to 1; above 0.8 counts. */
  readonly tampering_ml_score?: number;
  /** Details of the tampering. */
  readonly tampering_details?: TamperingDetailsV4;
  /** Whether the browser runs in a virtual machine. */
  readonly virtual_machine?: boolean;
  /** The model's score for `virtual_machine`, from 0 to 1. Beta. */
  readonly virtual_machine_ml_score?: number;
}

/** Details of the tampering. */
export interface TamperingDetailsV4 {
  /** How unusual the attributes are, from 0 to 1; above 0.5 counts. */
  readonly anomaly_score?: number;
  /** Whether this is an anti-detect browser. */
  readonly anti_detect_browser?: boolean;
}

/** A device as its mobile operating system reports it. */
export interface DeviceDetailsV4 {
  /** The manufacturer, in the manufacturer's own spelling; `Apple` on iOS. */
  readonly device_manufacturer?: string;
  /** The model: Android's model name, such as `SM-G991U`, or Apple's board code, such as `D84AP`. */
  readonly device_model?: string;
  /** The operating system's version, of one to three numbers. */
  readonly os_version?: string;
}
