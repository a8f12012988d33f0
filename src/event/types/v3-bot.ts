/**
 * The bot detection of a v3 event, and the labels.
 *
 * @module
 */

/** Whether the client is a bot, with fields that repeat the identification's. */
export interface BotdV3 {
  /** Whether the client is a bot, and which. */
  readonly bot: BotV3;
  /** The `tag` that the page passed. */
  readonly meta?: { readonly [name: string]: unknown };
  /** The `linkedId` that the page passed. */
  readonly linkedId?: string;
  /** The page. */
  readonly url?: string;
  /** The address that Fingerprint saw. */
  readonly ip: string;
  /** When it happened, as ISO 8601 in UTC. */
  readonly time: string;
  /** The `User-Agent`. */
  readonly userAgent?: string;
  /** The id of the event. */
  readonly requestId?: string;
}

/** Whether the client is a bot, and which. */
export interface BotV3 {
  /** `bad`: automation tools and headless browsers. `good`: search engines and the like. `notDetected`: no bot. */
  readonly result: "bad" | "good" | "notDetected";
  /** The kind of bot, such as `selenium`, if one was detected. */
  readonly type?: string;
}

/** A prediction of a model that was trained on the customer's data. Beta. */
export interface LabelV3 {
  /** What it predicts, such as `automation_tool`. */
  readonly label: string;
  /** The prediction. */
  readonly prediction?: boolean;
  /** How likely it is, from 0 to 1. */
  readonly mlScore?: number;
}
