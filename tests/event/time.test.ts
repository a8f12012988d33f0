/** Times of rows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTime } from "../../src/event/time.ts";
import { randomNumbers } from "../support/random.ts";

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse("0001-01-01T00:00:00.000Z");
const DAYS = 3_652_059; // to the end of 9999

test("formatTime() is equal to Date.toISOString() from the year 1 to 9999", () => {
  const random = randomNumbers(29);
  const bounds = [
    0,
    -0,
    -0.5,
    -1,
    0.9,
    999.9,
    FIRST_MS,
    FIRST_MS + DAYS * DAY_MS - 1,
    -DAY_MS,
    DAY_MS - 1,
    2 ** 40 + 0.5,
  ];
  const drawn = Array.from({ length: 5_000 }, () => FIRST_MS + random(DAYS) * DAY_MS + random(DAY_MS));
  const ofOneDay = Array.from({ length: 1_000 }, () => Date.UTC(2026, 10, 29) + random(DAY_MS));
  for (const time of [...bounds, ...drawn, ...ofOneDay]) {
    assert.equal(formatTime(time), new Date(time).toISOString(), `${time}`);
  }
});

test("formatTime() is null for a time before or after these years, and for none", () => {
  for (const time of [FIRST_MS - 1, FIRST_MS + DAYS * DAY_MS, NaN, Infinity, -Infinity, undefined]) {
    assert.equal(formatTime(time), null);
  }
});
