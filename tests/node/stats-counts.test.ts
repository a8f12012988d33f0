/** The parts of `unseal stats` that count: sketches, visitors and groups. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type EventRow, toErrorRow } from "../../src/event/row.ts";
import { parseBreakdowns } from "../../src/cli/stats/dimensions.ts";
import { createSketch, hashOf, standardErrorOf } from "../../src/cli/stats/hyperloglog.ts";
import { notesOf, selectGroups } from "../../src/cli/stats/shown.ts";
import { createPairSet } from "../../src/cli/stats/pair-set.ts";
import { createCounter } from "../../src/cli/stats/statistics.ts";
import { createVisitors } from "../../src/cli/stats/visitors.ts";
import { randomNumbers } from "../support/random.ts";

function rowOf(values: Partial<EventRow>): EventRow {
  return { ...toErrorRow(""), error: null, ...values };
}

function estimateOf(precision: number, count: number, seed: number): number {
  const sketch = createSketch(precision);
  for (let value = 0; value < count; value++) sketch.add(...hashOf(`${seed}:${value}`));
  return sketch.estimate();
}

test("createSketch() estimates counts of every size within its standard error", () => {
  for (const [precision, runs] of [[8, 60], [10, 20]] as const) {
    for (const count of [50, 1_000, 3 * 2 ** precision, 20 * 2 ** precision]) {
      const errors = Array.from({ length: runs }, (_, seed) => estimateOf(precision, count, seed) / count - 1);
      const error = Math.sqrt(errors.reduce((sum, each) => sum + each * each, 0) / runs);
      const bias = errors.reduce((sum, each) => sum + each, 0) / runs;
      const expected = standardErrorOf(precision);
      assert.ok(error < expected * 1.3, `${precision} bits, ${count}: ${error} instead of ${expected}`);
      assert.ok(Math.abs(bias) < expected * 3.5 / Math.sqrt(runs), `${precision} bits, ${count}: a bias of ${bias}`);
    }
  }
});

test("createSketch() counts none, one and repeated values, and full registers", () => {
  const sketch = createSketch(12);
  assert.equal(sketch.estimate(), 0);
  for (let time = 0; time < 1_000; time++) sketch.add(...hashOf("the same"));
  assert.equal(Math.round(sketch.estimate()), 1);
  const full = createSketch(4);
  for (let index = 0; index < 16; index++) full.add(index << 28 >>> 0, 0);
  assert.equal(full.estimate(), Infinity);
});

test("createPairSet() has the same pairs as a Set", () => {
  const random = randomNumbers(7);
  const pairs = createPairSet();
  const expected = new Set<string>();
  for (let time = 0; time < 50_000; time++) {
    const [first, second] = random(4) === 0 ? [2 ** 32 - 2, random(2 ** 32 - 1)] : [random(30), random(1_000)];
    const name = `${first} ${second}`;
    assert.equal(pairs.add(first, second), !expected.has(name));
    expected.add(name);
  }
  assert.equal(pairs.size, expected.size);
  const found: string[] = [];
  pairs.forEach((first, second) => found.push(`${first} ${second}`));
  assert.deepEqual(found.sort(), [...expected].sort());
});

test("createVisitors() counts exactly up to its limits, and then estimates with a stated error", () => {
  const maxVisitors = 3_000;
  for (
    const [maxPairs, count] of [[1e9, 2_999], [1e9, 3_000], [1e9, 3_001], [5_000, 3_000], [5_000, 20_000]] as const
  ) {
    const visitors = createVisitors({ maxVisitors, maxPairs });
    const groups = Array.from({ length: 5 }, () => new Set<number>());
    const random = randomNumbers(count);
    for (let event = 0; event < 3 * count; event++) {
      const [visitor, group] = [event % count, random(5)];
      visitors.add(`visitor${visitor}`, [group, 5]);
      groups[group]!.add(visitor); // below 5
    }
    const [total, everybody] = [visitors.total(), visitors.of(5)];
    assert.equal(total.standardError > 0, count > maxVisitors);
    assert.equal(everybody.standardError > 0, count > maxVisitors || maxPairs < 1e9);
    const counts = [
      [total, count],
      [everybody, count],
      ...groups.map((each, group) => [visitors.of(group), each.size]),
    ];
    for (const [{ count, standardError }, expected] of counts as [typeof total, number][]) {
      if (standardError === 0) assert.equal(count, expected);
      else assert.ok(Math.abs(count / expected - 1) < 4 * standardError, `${count} instead of ${expected}`);
    }
  }
});

test("createVisitors() distinguishes long ids, and keeps no more of them than short ones", () => {
  const visitors = createVisitors({ maxVisitors: 10, maxPairs: 10 });
  for (const end of ["a", "b", "a", "\ud800", "\ud801"]) visitors.add(`${"x".repeat(100_000)}${end}`, []);
  assert.deepEqual(visitors.total(), { count: 4, standardError: 0 });
});

test("createCounter() counts groups beyond the limit together, also their visitors", () => {
  const counter = createCounter(parseBreakdowns(["country", "asn,bot"]), {
    maxVisitors: 1e6,
    maxPairs: 1e6,
    maxGroups: 20,
  });
  for (let index = 0; index < 900; index++) {
    const bot = index % 3 === 0 ? "bad" : "not_detected";
    counter.add(
      rowOf({ visitor_id: `${index % 90}`, country: `c${index % 30}`, asn: `${index % 45}`, bot, vpn: true }),
    );
  }
  const { breakdowns, events, visitors } = counter.statistics();
  assert.deepEqual([events, visitors.count], [900, 90]);
  for (const { groups, other } of breakdowns) {
    assert.equal(groups.length, 10);
    for (const name of ["events", "bad_bots", "vpn_events"] as const) {
      const total = { events: 900, bad_bots: 300, vpn_events: 900 }[name];
      assert.equal(groups.reduce((sum, group) => sum + group[name], other?.[name] ?? 0), total);
    }
  }
  assert.deepEqual(breakdowns.map(({ other }) => [other?.events, other?.visitors.count]), [[600, 60], [700, 70]]);
  assert.deepEqual(notesOf(visitors, breakdowns), [
    "By country, the first 10 groups are counted alone, and all later ones together as other.",
    "By asn, bot, the first 10 groups are counted alone, and all later ones together as other.",
  ]);
});

test("createCounter() keeps apart what is unknown, false and other text, and clips long text", () => {
  const counter = createCounter(parseBreakdowns(["country,asn", "vpn", "page"]));
  const long = `https://a.example/${"x".repeat(1_000_000)}`;
  for (const [country, asn] of [["a", "b2:cd"], ["a1:b", "cd"], [null, "-"], ["-", null], ["", null]] as const) {
    counter.add(rowOf({ country, asn }));
  }
  counter.add(rowOf({ vpn: false, url: "https://b.example/p?q=1#f" }));
  counter.add(rowOf({ vpn: true, url: "https://b.example/p#?" }));
  counter.add(rowOf({ url: `${long}1` }));
  counter.add(rowOf({ url: `${long}2` }));
  const [pairs, vpn, page] = counter.statistics().breakdowns.map(({ groups }) => groups);
  assert.equal(pairs?.length, 6);
  assert.deepEqual(vpn?.map(({ values, events }) => [values[0], events]), [[null, 7], ["false", 1], ["true", 1]]);
  assert.deepEqual(page?.map(({ values: [name], events }) => [name?.slice(0, 19), name?.length, events]), [
    [undefined, undefined, 5],
    ["https://a.example/x", 201, 2],
    ["https://b.example/p", 19, 2],
  ]);
});

test("createCounter() bounds the codes of failures and the ids of keys", () => {
  const counter = createCounter([]);
  for (let index = 0; index < 3_000; index++) {
    counter.add(toErrorRow(index < 10 ? "ERR_DEFLATE" : `ERR_${index}`));
    counter.add(rowOf({ key_id: index < 20 ? "__proto__" : `key${index}` }));
  }
  const { failures, keys, failed } = counter.statistics(["key5", "unused"]);
  assert.equal(failed, 3_000);
  assert.deepEqual([failures.length, failures[0], failures.at(-1)], [1_001, ["ERR_DEFLATE", 10], ["(others)", 1_991]]);
  assert.deepEqual([keys[0], keys.at(-1)], [["__proto__", 20], ["unused", 0]]);
});

test("selectGroups() shows the latest times or the largest groups, and the sum of all others", () => {
  const counter = createCounter(parseBreakdowns(["day", "country"]));
  for (let index = 0; index < 60; index++) {
    const day = new Date(Date.UTC(2026, 9, 1 + index % 20)).toISOString();
    counter.add(rowOf({ time: day, country: `c${Math.floor(Math.sqrt(index))}`, visitor_id: `${index}` }));
  }
  const [day, country] = counter.statistics().breakdowns.map((breakdown) => selectGroups(breakdown, 3));
  assert.deepEqual(day?.groups.map(({ values }) => values[0]), ["2026-10-18", "2026-10-19", "2026-10-20"]);
  assert.deepEqual([day?.rest?.label, day?.rest?.counts.events, day?.rest?.visitors], [
    "other (17 groups)",
    51,
    undefined,
  ]);
  assert.deepEqual(country?.groups.map(({ values }) => values[0]), ["c6", "c5", "c7"]);
});
