/**
 * Parses the times of v3 events.
 *
 * @module
 */

/** ISO 8601 with a date, a time to the second or finer, and a zone. */
const ISO_TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

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
  const [, year, month, day, hour, minute, second, fraction = "", sign, zoneHours = 0, zoneMinutes = 0] = parts;
  const milliseconds = Number(fraction.padEnd(3, "0").slice(0, 3));
  const instant = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    milliseconds,
  );
  // 30 February becomes a day in March, and the years 0 to 99 become 1900 to 1999.
  const date = new Date(instant);
  if (date.getUTCDate() !== Number(day) || date.getUTCFullYear() !== Number(year)) return undefined;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  return sign === "-" ? instant + offset : instant - offset;
}
