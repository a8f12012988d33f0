/** `unseal stats` within the test's process: forms of input, counts, groups, and what it refuses. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { toErrorRow, toRow } from "../../src/event/row.ts";
import { generateKey, sampleEventV4, seal } from "../../src/testing/mod.ts";
import { countBy, dayOf, eventOf, type Visit, visits } from "../support/traffic.ts";
import { runPrinting } from "../support/in-process-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const key = generateKey();
const traffic = visits(60);
const events = traffic.map((visit) => JSON.stringify(eventOf(visit)));
const sealed = await Promise.all(events.map((event) => seal(new TextEncoder().encode(event), key)));

/** A folder with the key; `stats()` runs the command on a content. */
function workplace(t: TestContext) {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path("key"), `main:${key}`, { mode: 0o600 });
  const run = (...args: readonly string[]) => runPrinting("stats", "--quiet", "--key-file", path("key"), ...args);
  function stats(content: string | Uint8Array, ...args: readonly string[]) {
    writeFileSync(path("in"), content);
    return run(path("in"), ...args);
  }
  return { path, run, stats };
}

interface Json {
  readonly events: number;
  readonly visitors: number;
  readonly failures: unknown;
  readonly keys: unknown;
  readonly breakdowns: readonly { readonly by: string[]; readonly groups: readonly Record<string, unknown>[] }[];
}

/** The groups of a breakdown by one column, in the form of `countBy()`. */
function groupsOf({ breakdowns }: Json, name: string): Record<string, unknown> {
  const groups = breakdowns.find(({ by }) => by.join() === name)?.groups ?? [];
  return Object.fromEntries(
    groups.map(({ [name]: value, events, visitors, bad_bots, good_bots, vpn_events }) =>
      [
        String(value),
        { events, visitors, bad_bots, good_bots, vpn_events },
      ] as const
    ).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");
const rows = events.map((event, index) => JSON.stringify({ row: index + 1, ...toRow(JSON.parse(event), "main") }));

const FORMS: readonly (readonly [name: string, content: string | Uint8Array, args: readonly string[]])[] = [
  ["sealed lines", lines(sealed), []],
  ["sealed gzip", gzipSync(lines(sealed)), []],
  ["sealed CSV", `n;s\n${lines(sealed.map((text) => `1;"${text}"`))}`, ["--column=s", "--delimiter=;"]],
  ["sealed JSON", JSON.stringify(sealed.map((text) => ({ a: { s: text } }))), ["--field=a.s"]],
  ["whole events", lines(events), []],
  ["whole events in gzip, after a byte order mark", gzipSync(`\ufeff${lines(events)}`), []],
  ["an array of events", `[${events.join(",")}]`, []],
  ["indented events", lines(events.map((event) => JSON.stringify(JSON.parse(event), null, 2))), []],
  ["an indented array of events", JSON.stringify(events.map((event) => JSON.parse(event)), null, 2), []],
  ["rows of unseal batch --summary", lines(rows), []],
  ["an array of rows", `[${rows.join(",\n")}]`, []],
];
for (const [name, content, args] of FORMS) {
  test(`unseal stats counts ${name}, equal to counts made without it`, async (t) => {
    const { code, stdout, stderr } = await workplace(t).stats(content, "--json", ...args);
    assert.deepEqual([code, stderr], [0, ""]);
    const found: Json = JSON.parse(stdout);
    assert.equal(found.events, traffic.length);
    assert.equal(found.visitors, new Set(traffic.map(({ visitor }) => visitor)).size);
    assert.deepEqual(groupsOf(found, "day"), countBy(traffic, dayOf));
    assert.deepEqual(groupsOf(found, "country"), countBy(traffic, ({ country }) => country));
    if (/sealed|rows/.test(name)) assert.deepEqual(found.keys, [{ key_id: "main", events: traffic.length }]);
  });
}

test("unseal stats counts what unseal batch has written in each of its forms", async (t) => {
  const { path, run } = workplace(t);
  writeFileSync(path("sealed"), lines([...sealed, "AAAA"]));
  const batch = (...args: readonly string[]) =>
    runPrinting("batch", path("sealed"), "--key-file", path("key"), "--quiet", ...args);
  for (
    const [output, ...args] of [
      ["events.ndjson"],
      ["events.gz", "--v4"],
      ["rows.ndjson", "--summary"],
      ["rows.csv", "--summary"],
      ["rows.csv.gz", "--summary", "--v4", "--spreadsheet"],
    ] as const
  ) {
    assert.equal((await batch("-o", path(output), ...args)).code, 1);
    const { code, stdout, stderr } = await run(path(output), "--json");
    assert.deepEqual([code, stderr], [1, ""], output);
    const found: Json = JSON.parse(stdout);
    assert.deepEqual(groupsOf(found, "day"), countBy(traffic, dayOf), output);
    assert.deepEqual(groupsOf(found, "country"), countBy(traffic, ({ country }) => country), output);
    const error = output === "events.ndjson" ? "ERR_LINE_EMPTY" : "ERR_SEALED_TOO_SHORT";
    assert.deepEqual(found.failures, [{ error, records: 1 }], output);
  }
});

test("unseal stats --by counts by several columns, and several times", async (t) => {
  const { stats } = workplace(t);
  const { stdout } = await stats(lines(events), "--by", "country, bot", "--by=hour", "--json");
  const { breakdowns }: Json = JSON.parse(stdout);
  const expected = countBy(traffic, ({ country, bot }) => `${country} ${bot}`);
  const pairs = breakdowns[0]?.groups.map(({ country, bot, events }) => [`${country} ${bot}`, events]) ?? [];
  assert.deepEqual(
    Object.fromEntries(pairs),
    Object.fromEntries(
      Object.entries(expected).map(([name, counts]) => [name, (counts as Visit & { events: number }).events]),
    ),
  );
  const hours = breakdowns[1]?.groups.map(({ hour }) => hour);
  const hourOf = ({ time }: Visit) => `${new Date(time).toISOString().slice(0, 13)}:00Z`;
  assert.deepEqual(hours, [...new Set(traffic.map(hourOf))].sort());
});

test("unseal stats --csv prints all groups of one breakdown", async (t) => {
  const { stats } = workplace(t);
  const { stdout } = await stats(lines(events), "--csv", "--top=1");
  const [header, ...found] = stdout.trimEnd().split("\r\n");
  assert.equal(
    header,
    "day,events,visitors,bad_bots,good_bots,vpn_events,proxy_events,tor_events,tampering_events,incognito_events," +
      "replayed_events",
  );
  const expected = Object.entries(countBy(traffic, dayOf)).map(([day, counts]) =>
    [day, ...Object.values(counts as Record<string, number>), 0, 0, 0, 0, 0].join()
  );
  assert.deepEqual(found, expected);
});

test("unseal stats adds up several files, of sealed and of opened results", async (t) => {
  const { path, run } = workplace(t);
  writeFileSync(path("a"), lines(sealed.slice(0, 25)));
  writeFileSync(path("b"), lines(events.slice(25)));
  const { code, stdout } = await run(path("a"), path("b"), "--json");
  const found: Json = JSON.parse(stdout);
  assert.equal(code, 0);
  assert.deepEqual(groupsOf(found, "country"), countBy(traffic, ({ country }) => country));
  assert.equal(found.visitors, new Set(traffic.map(({ visitor }) => visitor)).size);
});

test("unseal stats counts failures by code, also those that unseal batch has written, and exits with 1", async (t) => {
  const { stats } = workplace(t);
  const other = await seal(sampleEventV4(), generateKey());
  const archive = await stats(lines([sealed[0]!, "AAAA", other, "", "not base64!"]), "--json"); // there are 60
  assert.equal(archive.code, 1);
  assert.deepEqual((JSON.parse(archive.stdout) as Json).failures, [
    { error: "ERR_LINE_EMPTY", records: 1 },
    { error: "ERR_NO_KEY_FITS", records: 1 },
    { error: "ERR_SEALED_ENCODING", records: 1 },
    { error: "ERR_SEALED_TOO_SHORT", records: 1 },
  ]);
  const bad = [
    "null",
    '{"row":3,"error":"ERR_NO_KEY_FITS"}',
    JSON.stringify({ row: 2, ...toErrorRow("ERR_NO_KEY_FITS") }),
    '{"event_id":"a"}',
    "[]",
    "{",
    '"\\',
    "7",
    "",
  ];
  const opened = await stats(Buffer.concat([Buffer.from(lines([...bad, events[0]!])), Uint8Array.of(0xff)]), "--json");
  assert.equal(opened.code, 1);
  assert.deepEqual((JSON.parse(opened.stdout) as Json).failures, [
    { error: "ERR_EVENT_SHAPE", records: 3 },
    { error: "ERR_LINE_EMPTY", records: 2 },
    { error: "ERR_LINE_JSON", records: 2 },
    { error: "ERR_NO_KEY_FITS", records: 2 },
    { error: "ERR_EVENT_UTF8", records: 1 },
  ]);
});

test("unseal stats reads rows whose values have other types as unknown", async (t) => {
  const row = {
    ...toErrorRow(""),
    error: null,
    time: "2026-13-45T00:00:00.000Z",
    visitor_id: 7,
    bot: "worse",
    vpn: "yes",
  };
  const { stdout } = await workplace(t).stats(lines([JSON.stringify(row)]), "--json", "--by=day,bot,vpn");
  const { visitors, breakdowns }: Json = JSON.parse(stdout);
  assert.equal(visitors, 0);
  const [{ day, bot, vpn } = {}] = breakdowns[0]?.groups ?? [];
  assert.deepEqual([day, bot, vpn], [null, null, null]);
});

test("unseal stats prints what docs/command.md shows", async (t) => {
  const shown = visits(600).map((visit) => JSON.stringify(eventOf(visit)));
  const { stdout } = await workplace(t).stats(lines(shown), "--by=country", "--by=day", "--top=5");
  const document = readFileSync("docs/command.md", "utf8");
  assert.equal(/```text\n(600 events[^]*?)```/.exec(document)?.[1], stdout);
});

test("unseal stats prints tables, and says how many groups it sums", async (t) => {
  const { stdout, code } = await workplace(t).stats(lines(events), "--top=3");
  assert.equal(code, 0);
  const unique = new Set(traffic.map(({ visitor }) => visitor)).size;
  assert.match(
    stdout,
    new RegExp(`^60 events, ${unique} visitors, from 2026-10-30 [\\d:]+ to 2026-11-08 [\\d:]+ UTC\n`),
  );
  assert.match(stdout, /^day +events +visitors +bad bots +VPN\n2026-11-06 +\d/m);
  assert.match(stdout, /^other \(7 groups\) +\d+ +\d+ +\d+\.\d %/m);
  assert.match(stdout, /^other \(2 groups\) /m);
  assert.ok(!/[^\n -~–]| $/m.test(stdout), stdout);
});

for (const [name, content] of [["nothing", ""], ["an empty array", "[]"], ["only null", "null\n"]] as const) {
  test(`unseal stats accepts an archive of ${name}`, async (t) => {
    const { path, stats } = workplace(t);
    const args = name === "nothing" ? [] : name === "only null" ? [] : ["--field=a"];
    for (const form of [[], ["--json"], ["--csv"], ["--html", path("page"), "--force"]]) {
      const { code, stderr } = await stats(content, ...args, ...form);
      assert.deepEqual([code, stderr], [name === "only null" ? 1 : 0, ""]);
    }
    assert.match(readFileSync(path("page"), "utf8"), /<dd>0<\/dd>/);
  });
}

const cut = gzipSync(lines(sealed), { level: 0 }).subarray(0, -900);
const REFUSED: readonly (readonly [
  name: string,
  content: string | Uint8Array,
  args: readonly string[],
  code: number,
  message: RegExp,
])[] = [
  ["truncated gzip", cut, [], 3, /its gzip data is damaged or truncated\nStopped after line \d+, without a result/],
  ["a JSON array that does not end", `[${events[0]},`, [], 3, /the JSON array does not end/],
  ["JSON of other objects", '{"sealedResult":"AAAA"}\n', [], 2, /has no events: name the field .* with --field/],
  ["a missing column", "a,b\n1,2\n", ["--column=c"], 2, /has no column c among a, b/],
  ["a damaged Parquet file", "PAR1\u0015\u0004", ["--column=s"], 2, /Cannot (?:open|read) .*\/in: /],
  ["bzip2, with a hint that names no other command", "BZh91AY", [], 2, /by bzip2: bzcat FILE \| unseal … -\n$/],
  ["binary content", Uint8Array.of(1, 0, 2), [], 2, /it is not text/],
  ["an unknown column in --by", "", ["--by=day,contry"], 2, /--by cannot group by "contry": did you mean country\?/],
  ["url in --by", "", ["--by=url"], 2, /did you mean page\?/],
  ["a column of many values in --by", "", ["--by=visitor_id"], 2, /group by "visitor_id": the columns are month, day/],
  ["a column twice", "", ["--by=day,day"], 2, /--by names a column twice/],
  ["five breakdowns", "", Array(5).fill("--by=day"), 2, /--by can be given 4 times at most/],
  ["five columns", "", ["--by=day,bot,vpn,tor,asn"], 2, /--by takes 4 columns at most/],
  ["CSV of two breakdowns", "", ["--csv", "--by=day", "--by=bot"], 2, /--csv needs one --by/],
  ["CSV and JSON", "", ["--csv", "--json"], 2, /--json and --csv exclude each other/],
  ["no group", "", ["--top=0"], 2, /--top must be a whole number from 1 to 10000/],
];
for (const [name, content, args, code, message] of REFUSED) {
  test(`unseal stats refuses ${name}, and prints nothing`, async (t) => {
    const ended = await workplace(t).stats(content, ...args);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], ended.stderr);
    assert.match(ended.stderr, message);
  });
}

test("unseal stats refuses missing files, folders, and a file that is given twice", async (t) => {
  const { path, run } = workplace(t);
  writeFileSync(path("a"), lines(events));
  symlinkSync(path("a"), path("link"));
  const cases = [
    [[], 2, /stats needs an archive/],
    [[path("a"), path("none")], 3, /none: no such file or directory/],
    [[path("")], 3, /is a directory/],
    [[path("a"), path("link")], 2, /link is given twice/],
    [["-", "-"], 2, /Standard input is given twice/],
  ] as const;
  for (const [paths, code, message] of cases) {
    const ended = await run(...paths);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], ended.stderr);
    assert.match(ended.stderr, message);
  }
});

test("unseal stats --html overwrites neither an archive nor, without --force, a page", async (t) => {
  const { path, run } = workplace(t);
  writeFileSync(path("a"), lines(events));
  writeFileSync(path("mine"), "mine");
  const cases = [
    [path("a"), 2, /must be another file than the archives/],
    [path("mine"), 2, /mine exists: --force overwrites it/],
    [path("none/page"), 3, /no such folder/],
    [path(""), 3, /is a directory/],
    ["", 2, /--html needs the name of a file/],
  ] as const;
  for (const [page, code, message] of cases) {
    const ended = await run(path("a"), "--html", page, ...page === path("a") ? ["--force"] : []);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], ended.stderr);
    assert.match(ended.stderr, message);
  }
  assert.deepEqual([readFileSync(path("mine"), "utf8"), existsSync(path("none"))], ["mine", false]);
  assert.equal((await run(path("a"), "--html", path("mine"), "--force")).code, 0);
  assert.match(readFileSync(path("mine"), "utf8"), /^<!doctype html>/);
});

test("unseal stats --html - prints the page", async (t) => {
  const { stats } = workplace(t);
  assert.match((await stats(lines(events), "--html", "-")).stdout, /^<!doctype html>[^]*<\/html>\n$/);
  assert.match((await stats(lines(events), "--html", "-", "--csv")).stderr, /--html - excludes --json and --csv/);
});

test("unseal stats needs no key for opened events, and names the missing one for sealed results", async (t) => {
  const { path } = workplace(t);
  writeFileSync(path("opened"), lines(events));
  writeFileSync(path("sealed"), lines(sealed));
  assert.equal((await runPrinting("stats", path("opened"))).code, 0);
  const { code, stdout, stderr } = await runPrinting("stats", path("sealed"), "--key-env", "UNSEAL_NO_SUCH_KEYS");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^unseal: Cannot read keys: the environment variable UNSEAL_NO_SUCH_KEYS is not set\n$/);
});

/** What a visitor could put into an event to attack its reader. */
const HOSTILE = [
  "</title><script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "' onmouseover='alert(1)",
  "</style></svg><svg onload=alert(1)>",
  "\u001b[31mred\u001b]0;title\u0007",
  "\u202egnp.exe",
  "a\nb\r\tc\u0000",
  '=HYPERLINK("http://a.example")',
  "\ud800",
  "__proto__",
];
const hostile = HOSTILE.map((value) => {
  const ip_info = { v4: { geolocation: { country_code: value }, asn: value } };
  return JSON.stringify(sampleEventV4({ timestamp: traffic[0]!.time, ip_info, url: value }));
});

test("unseal stats escapes what values could do to a terminal, a page, JSON and a spreadsheet", async (t) => {
  const { path, stats } = workplace(t);
  const args = ["--by=country", "--by=asn,page", "--html", path("page")];
  const { stdout } = await stats(lines([...hostile, JSON.stringify({ row: 1, ...toErrorRow("\u001b<b>") })]), ...args);
  assert.ok(!/[^\n -~–…\ufffd]/.test(stdout), JSON.stringify(stdout));
  assert.match(stdout, /^\\u001b\[31mred/m);
  const page = readFileSync(path("page"), "utf8");
  for (const text of ["<script", "<img", "<b>", "<svg onload", "\u001b", "\u202e", "\0", " onmouseover='"]) {
    assert.ok(!page.includes(text), JSON.stringify(text));
  }
  assert.match(page, /<td class="label">&lt;\/title&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.match(page, /<td class="label">&#39; onmouseover=&#39;alert\(1\)/);
  const json: Json = JSON.parse((await stats(lines(hostile), "--by=country", "--json")).stdout);
  const found = json.breakdowns[0]?.groups.map(({ country }) => country);
  assert.deepEqual(found, HOSTILE.map((value) => value.replace("\ud800", "\ufffd")).sort());
  const csv = (await stats(lines(hostile), "--by=country", "--csv")).stdout;
  assert.match(csv, /^"'=HYPERLINK\(""http:\/\/a\.example""\)",1,/m);
  assert.match(csv, /^"a\nb\r\tc\0",1,/m);
});
