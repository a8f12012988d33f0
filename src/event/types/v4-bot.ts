/**
 * The bot signals of a v4 event.
 *
 * @module
 */

import type { BotResult, Confidence } from "./shared.ts";

/** Whether the client is a bot, and which. */
export interface BotSignalsV4 {
  /** `bad`: automation tools and headless browsers. `good`: search engines and the like. `not_detected`: no bot. */
  readonly bot?: BotResult;
  /** The kind of bot, such as `selenium` or `chatgpt_agent`, if one was detected. */
  readonly bot_type?: string;
  /** Details of the bot, if one was detected. */
  readonly bot_info?: BotInfoV4;
}

/** The operator and the purpose of a bot. */
export interface BotInfoV4 {
  /** Its purpose: one of {@linkcode BotCategory}, or a category that is newer than this list. */
  readonly category: BotCategory | (string & Record<never, never>);
  /** Its operator, such as `OpenAI`. */
  readonly provider: string;
  /** The operator's page. */
  readonly provider_url?: string;
  /** Its name, such as `GPTBot`. */
  readonly name: string;
  /** Whether it is what it claims to be. */
  readonly identity: BotIdentity;
  /** How sure this identification of the bot is. */
  readonly confidence: Confidence;
}

/** The purpose of a bot. */
export type BotCategory =
  | "advertising_and_marketing"
  | "aggregator"
  | "ai_agent"
  | "ai_assistant"
  | "ai_browser"
  | "ai_crawler"
  | "ai_search"
  | "browser_automation"
  | "ecommerce"
  | "monitoring_and_analytics"
  | "other"
  | "scraping"
  | "search_engine_crawler"
  | "search_engine_optimization"
  | "security"
  | "unknown";

/**
 * Whether a bot is what it claims to be. `verified`: a known bot, whose identity can be checked. `signed`: a bot that
 * its platform's customers direct, and whose requests the platform signs (Web Bot Auth). `spoofed`: it claims an
 * identity and fails the check. `unknown`: it has no identity that can be checked.
 */
export type BotIdentity = "signed" | "spoofed" | "unknown" | "verified";
