/**
 * What a test needs and may not find.
 *
 * @module
 */

/** Why a test cannot run. */
export interface Absence {
  readonly reason: string;
  /** Whether CI must have what is absent. What only another runtime can have is not required. */
  readonly isRequired: boolean;
}

/**
 * Skips a test when something it needs is absent. On CI, something required that is absent fails the test instead.
 *
 * @returns Whether the test is skipped.
 */
export function skipIfAbsent(t: { skip(reason: string): void }, absence: Absence | undefined): boolean {
  if (absence === undefined) return false;
  if (absence.isRequired && process.env["CI"] === "true") throw new Error(absence.reason);
  t.skip(absence.reason);
  return true;
}
