/**
 * Events: their types in v3 and v4, one summary and one flat row of both, and the conversion of v3 to the shape of v4.
 *
 * Agents of v3 seal v3 events, and Fingerprint's Server API v3 ends in January 2027. `docs/upgrading.md` lists the v3
 * source of each v4 field, the v3 fields without a counterpart, and the v4 fields that a v3 event cannot fill.
 *
 * @module
 */

export { type BotInfoSummary, type EventSummary, type IdentifiedSummary, summarize } from "./summary.ts";
export { EVENT_COLUMNS, type EventColumn, type EventRow, toErrorRow, toRow } from "./row.ts";
export { upgradeEvent } from "./upgrade/upgrade.ts";
export { UpgradeError, type UpgradeErrorCode } from "./upgrade/errors.ts";
export type { EventByVersion, EventVersion, FingerprintEvent } from "./event.ts";
export type { WebhookEvent, WebhookEventV4 } from "./webhook.ts";
export type * from "./types/mod.ts";
