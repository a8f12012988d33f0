/**
 * Parses the times of v3 events, and formats the times of rows.
 *
 * @module
 */

/** ISO 8601 with a year from 100, a time to the second or finer, and a zone. */
const ISO_TIME =
  /^(?!00)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** A fraction that `Date.parse` leaves to the engine. */
const OTHER_FRACTION = /\.(?!\d{3}\D)\d+/;

/**
 * Reads an ISO 8601 time with a zone, as Fingerprint writes it: `2023-12-20T10:12:12Z`.
 *
 * `Date.parse` also accepts `"7"`, reads a time without a zone in the server's own zone, and leaves every form other
 * than `YYYY-MM-DDTHH:mm:ss.sssZ` to the engine.
 *
 * @returns Unix milliseconds, or `undefined` if `value` is not such a time.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value !== "string" || !ISO_TIME.test(value)) return undefined;
  const day = Number(value.slice(8, 10));
  // Some engines read 30 February as a day in March.
  if (day > 28 && day > daysIn(Number(value.slice(0, 4)), Number(value.slice(5, 7)))) return undefined;
  return Date.parse(value.replace(OTHER_FRACTION, (fraction) => fraction.padEnd(4, "0").slice(0, 4)));
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate(); // day 0 of the next month
}

/** 0001-01-01 and the last millisecond of 9999, in Unix milliseconds: other years have no four digits in ISO 8601. */
const [FIRST_MS, LAST_MS] = [-62_135_596_800_000, 253_402_300_799_999];

/** The dates of days, by their number from 1970: `Date.toISOString` takes most of the time that a row takes to format. */
const dates = new Map<number, string>();
const MAX_DATES = 1_000;
const DAY_MS = 86_400_000;
const TWO_DIGITS = /* @__PURE__ */ Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));

/** Formats Unix milliseconds as ISO 8601, such as `2026-11-29T10:00:00.000Z`; other years are `null`. */
export function formatTime(milliseconds: number | undefined): string | null {
  if (milliseconds === undefined || !(milliseconds >= FIRST_MS && milliseconds <= LAST_MS)) return null;
  const whole = Math.trunc(milliseconds);
  const day = Math.floor(whole / DAY_MS);
  let date = dates.get(day);
  if (date === undefined) {
    if (dates.size >= MAX_DATES) dates.clear();
    date = new Date(day * DAY_MS).toISOString().slice(0, 11);
    dates.set(day, date);
  }
  const inDay = whole - day * DAY_MS;
  const minutes = Math.floor(inDay / 60_000);
  const [hour, minute] = [TWO_DIGITS[Math.floor(minutes / 60)], TWO_DIGITS[minutes % 60]];
  const seconds = TWO_DIGITS[Math.floor(inDay / 1000) % 60];
  const inSecond = inDay % 1000;
  return `${date}${hour}:${minute}:${seconds}.${inSecond < 100 ? `0${TWO_DIGITS[inSecond]}` : inSecond}Z`;
}
