/**
 * The error class of upgrading, and its codes.
 *
 * @module
 */

import { SealedResultsError } from "../../errors.ts";

/**
 * Why an event was not upgraded.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_UPGRADE_SHAPE` | it is neither an event of v3 or v4 nor the body of a webhook, or a getter or proxy in it throws |
 * | `ERR_UPGRADE_INCOMPLETE` | the v3 event has no id or no time, which v4 requires: the identification failed |
 */
export type UpgradeErrorCode = "ERR_UPGRADE_SHAPE" | "ERR_UPGRADE_INCOMPLETE";

/** Thrown by `upgradeEvent`. Match on `code`; the message is for people. It contains no part of the event. */
export class UpgradeError extends SealedResultsError<UpgradeErrorCode> {
  /** Always `UpgradeError`. */
  override readonly name: string = "UpgradeError";
}
