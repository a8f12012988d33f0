/**
 * Parses the times of v3 events, and formats the times of rows.
 *
 * @module
 */

/** ISO 8601 with a year from 100, a time to the second or finer, and a zone. */
const ISO_TIME =
  /^((?!00)\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/**
 * Reads an ISO 8601 time with a zone, as Fingerprint writes it: `2023-12-20T10:12:12Z`.
 *
 * `Date.parse` also accepts `"7"`, reads a time without a zone in the server's own zone, and leaves every form other
 * than `YYYY-MM-DDTHH:mm:ss.sssZ` to the engine.
 *
 * @returns Unix milliseconds, or `undefined` if `value` is not such a time.
 */
export function parseTime(value: unknown): number | undefined {
  const parts = typeof value === "string" ? ISO_TIME.exec(value) : null;
  if (parts === null) return undefined;
  const [, date, time, fraction = "", sign, zoneHours = 0, zoneMinutes = 0] = parts;
  // The one form that every engine must parse.
  const instant = new Date(`${date}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  // Some engines read 30 February as a day in March.
  if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(`${date}T`)) return undefined;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  return sign === "-" ? instant.getTime() + offset : instant.getTime() - offset;
}

/** 0001-01-01 and the last millisecond of 9999, in Unix milliseconds: other years have no four digits in ISO 8601. */
const [FIRST_MS, LAST_MS] = [-62_135_596_800_000, 253_402_300_799_999];

/** Formats Unix milliseconds as ISO 8601, such as `2026-11-29T10:00:00.000Z`; other years are `null`. */
export function formatTime(milliseconds: number | undefined): string | null {
  if (milliseconds === undefined || !(milliseconds >= FIRST_MS && milliseconds <= LAST_MS)) return null;
  return new Date(milliseconds).toISOString();
}
