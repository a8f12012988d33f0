/**
 * Checks for errors that carry a code, for `assert.throws` and `assert.rejects`.
 *
 * @module
 */

import { UnsealError, type UnsealErrorCode } from "../../mod.ts";

/** Accepts an `UnsealError` with exactly this code and this reason, or no reason. */
export function hasCode(code: UnsealErrorCode, reason?: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof UnsealError && error.name === "UnsealError" && error.code === code && error.reason === reason;
}
