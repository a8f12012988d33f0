import assert from "node:assert/strict";
import { test } from "node:test";
import { tooComplex } from "../../src/handler/json-limits.ts";
import { utf8 } from "../support/bytes.ts";

const refusal = (json: string): string | undefined => tooComplex(utf8(json));
const named = (count: number, name: (index: number) => string): string =>
  `{${Array.from({ length: count }, (_, index) => `"${name(index)}":0`).join(",")}}`;

test("tooComplex() counts different names, however they are written and where they are", () => {
  const many = /^its JSON has too many names$/;
  assert.equal(refusal(named(5000, (index) => `name${index}`)), undefined);
  assert.equal(refusal(named(30_000, (index) => `name${index % 5}`)), undefined);
  assert.match(refusal(named(8000, (index) => `name${index}`)) ?? "", many);
  assert.match(refusal(`[${"1,".repeat(10)}${named(8000, (index) => `${index}`)}]`) ?? "", many);
  // Names that consist of escapes, and names whose letters are the same.
  const escapes = [..."nrtbf/"];
  const digits = (index: number): string =>
    [...index.toString(6)].map((digit) => `\\${escapes[Number(digit)]}`).join("");
  assert.match(refusal(named(9000, digits)) ?? "", many);
  const order = (index: number): string => [...index.toString(2).padStart(14, "0")].join("");
  assert.match(refusal(named(9000, order)) ?? "", many);
});

test("tooComplex() counts nesting, and the values of arrays and objects", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(refusal(nested(128)), undefined);
  assert.match(refusal(nested(129)) ?? "", /nested too deeply/);
  assert.match(refusal(`{"a":${nested(128)}}`) ?? "", /nested too deeply/);
  assert.equal(refusal(`[${"[],".repeat(19_000)}0]`), undefined);
  assert.match(refusal(`[${"0,".repeat(40_001)}0]`) ?? "", /too many values/);
});

test("tooComplex() counts nothing in strings, whatever they escape", () => {
  const marks = `,[{:`.repeat(20_000);
  for (const text of [marks, `\\"${marks}`, `\\\\\\"${marks}`, `\\u0022${marks}\\\\`]) {
    assert.equal(refusal(`{"a":"${text}","b":["${text}"]}`), undefined);
  }
  assert.match(refusal(`{"a":"\\\\",${marks}`) ?? "", /too/); // the string has ended
});
