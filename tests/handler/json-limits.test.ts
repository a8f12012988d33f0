import assert from "node:assert/strict";
import { test } from "node:test";
import { tooComplex } from "../../src/handler/json-limits.ts";
import { utf8 } from "../support/bytes.ts";

const refusal = (json: string): string | undefined => tooComplex(utf8(json));
const named = (count: number, name: (index: number) => string): string =>
  `{${Array.from({ length: count }, (_, index) => `"${name(index)}":0`).join(",")}}`;

// Several small tests: `npm run mutate` leaves out a test that takes seconds in its slow sources.
const many = "its JSON has too many names";

test("tooComplex() accepts names that are repeated, and 5,000 different ones", () => {
  assert.equal(refusal(named(10_000, (index) => `n${index % 5}`)), undefined);
  assert.equal(refusal(named(5000, (index) => `n${index}`)), undefined);
});

test("tooComplex() counts different names wherever they are", () => {
  assert.equal(refusal(named(7000, (index) => `n${index}`)), many);
  assert.equal(refusal(`[${"1,".repeat(10)}${named(7000, (index) => `${index}`)}]`), many);
});

test("tooComplex() distinguishes names that consist of escapes", () => {
  const escapes = [..."nrtbf/"];
  const digits = (index: number): string =>
    [...index.toString(6)].map((digit) => `\\${escapes[Number(digit)]}`).join("");
  assert.equal(refusal(named(7000, digits)), many);
});

test("tooComplex() distinguishes names by the order of their letters", () => {
  assert.equal(refusal(named(8000, (index) => index.toString(2).padStart(13, "0"))), many);
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
  const marks = `,[{:`.repeat(100);
  for (const text of [marks, `\\"${marks}`, `\\\\\\"${marks}`, `\\u0022${marks}\\\\`]) {
    assert.equal(refusal(`{"a":"${text}","b":["${text}"]}`), undefined);
  }
  assert.match(refusal(`{"a":"\\\\",${marks}`) ?? "", /too/); // the string has ended
});
