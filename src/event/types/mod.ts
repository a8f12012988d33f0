/**
 * The types of events, v3 and v4.
 *
 * @module
 */

export type * from "./shared.ts";
export type * from "./v3.ts";
export type * from "./v3-bot.ts";
export type * from "./v3-device.ts";
export type * from "./v3-identification.ts";
export type * from "./v3-network.ts";
export type * from "./v4.ts";
export type * from "./v4-activity.ts";
export type * from "./v4-bot.ts";
export type * from "./v4-client.ts";
export type * from "./v4-device.ts";
export type * from "./v4-identification.ts";
export type * from "./v4-network.ts";
export type * from "./v4-raw-device-attributes.ts";
export type * from "./v4-rule-action.ts";
export type * from "./webhook-v3.ts";
