/**
 * Why an event was not upgraded.
 *
 * @module
 */

/**
 * Why an event was not upgraded.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_UPGRADE_SHAPE` | it is neither a v3 nor a v4 event, and no webhook's either |
 * | `ERR_UPGRADE_INCOMPLETE` | no product of the v3 event has an id, or none a time, which v4 requires: the identification failed |
 */
export type UpgradeErrorCode = "ERR_UPGRADE_SHAPE" | "ERR_UPGRADE_INCOMPLETE";

/** Thrown by `upgradeEvent`. Match on `code`; the message is for people. It holds nothing of the event. */
export class UpgradeError extends Error {
  /** Always `UpgradeError`. */
  override readonly name: string = "UpgradeError";
  /** Why the event was not upgraded. */
  readonly code: UpgradeErrorCode;

  /**
   * Creates the error.
   *
   * @param code Why the event was not upgraded.
   * @param message For people.
   */
  constructor(code: UpgradeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
