/**
 * Requirements of tests that may be missing.
 *
 * @module
 */

/** Why a test cannot run. */
export interface Absence {
  readonly reason: string;
  /** Whether CI must have the missing program or file. A feature that only other runtimes have is not required. */
  readonly isRequired: boolean;
}

/**
 * Skips a test when a requirement is missing. With `CI=true`, the test fails if the requirement is mandatory.
 *
 * @returns Whether the test is skipped.
 */
export function skipIfAbsent(t: { skip(reason: string): void }, absence: Absence | undefined): boolean {
  if (absence === undefined) return false;
  if (absence.isRequired && process.env["CI"] === "true") throw new Error(absence.reason);
  t.skip(absence.reason);
  return true;
}
