/**
 * Parses the times of v3 events.
 *
 * @module
 */

/** ISO 8601 with a date, a time to the second or finer, and a zone. */
const ISO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Reads an ISO 8601 time with a zone, as Fingerprint writes it: `2023-12-20T10:12:12Z`.
 *
 * `Date.parse` also accepts `"7"`, reads a time without a zone in the server's own zone, and leaves every form other
 * than `YYYY-MM-DDTHH:mm:ss.sssZ` to the engine. So only that form is passed to it.
 *
 * @returns Unix milliseconds, or `undefined` if `value` is not such a time.
 */
export function parseTime(value: unknown): number | undefined {
  const parts = typeof value === "string" ? ISO_TIME.exec(value) : null;
  if (parts === null) return undefined;
  const [, local = "", fraction = "", sign, hours = 0, minutes = 0] = parts;
  const milliseconds = Date.parse(`${local}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  // Some engines read 30 February as a day in March. The date that they write back then differs from the text.
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(local)) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "-" ? milliseconds + offset : milliseconds - offset;
}
