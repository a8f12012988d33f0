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

/** The options of a test that may be skipped: `test(name, options, body)`. */
export interface Skipped {
  readonly skip?: string;
}

/**
 * Returns the options of a test that needs these. It is skipped when one is missing.
 *
 * @throws {Error} With `CI=true`, when a mandatory requirement is missing; the file's tests then fail.
 */
export function needs(...absences: readonly (Absence | undefined)[]): Skipped {
  const absence = absences.find((absence) => absence !== undefined);
  if (absence === undefined) return {};
  if (absence.isRequired && process.env["CI"] === "true") throw new Error(absence.reason);
  return { skip: absence.reason };
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
