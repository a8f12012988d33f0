/** The changes of the release workflow to the manifest and README.md. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ROOT } from "../runtimes/project.ts";

const REPOSITORY = "https://example.com/owner/name";
const folder = mkdtempSync(join(tmpdir(), "unseal-release-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const FILES = ["package.json", "package-lock.json", "deno.json", "README.md", "SECURITY.md", "CHANGELOG.md"];
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const TAG = `v${version}`;

/** Runs the script in a copy of the files, after `change` has changed them. */
function release(
  args: readonly string[],
  change: (edit: (name: string, from: string, to: string) => void) => void = () => {},
) {
  for (const name of FILES) cpSync(join(ROOT, name), join(folder, name));
  change((name, from, to) => {
    const text = readFileSync(join(folder, name), "utf8");
    assert.ok(text.includes(from), `${name} contains ${from}`);
    writeFileSync(join(folder, name), text.replace(from, to));
  });
  const script = join(ROOT, "scripts/release.mjs");
  execFileSync(process.execPath, [script, ...args], { cwd: folder, stdio: "pipe" });
}

test("scripts/release.mjs fills in the package's addresses and changes nothing else", () => {
  release([REPOSITORY, TAG]);
  const before = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const { repository, homepage, bugs, ...rest } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  assert.deepEqual(rest, before);
  assert.deepEqual(repository, { type: "git", url: `git+${REPOSITORY}.git` });
  assert.deepEqual([homepage, bugs], [`${REPOSITORY}#readme`, `${REPOSITORY}/issues`]);
});

test("scripts/release.mjs makes every link and picture of the published documents absolute", () => {
  release([REPOSITORY, TAG]);
  for (const name of ["README.md", "SECURITY.md", "CHANGELOG.md"]) {
    const targets = [...readFileSync(join(folder, name), "utf8").matchAll(/\]\(([^)\s]+)\)|\bsrc(?:set)?="([^"]+)"/g)]
      .map(([, link, picture]) => link ?? picture ?? "");
    assert.ok(targets.length > 0, name);
    assert.deepEqual(targets.filter((target) => !/^(https:|#)/.test(target)), [], name);
    if (name === "README.md") assert.ok(targets.includes(`${REPOSITORY}/blob/${TAG}/docs/core.md`));
  }
});

test("scripts/release.mjs refuses to run without an address and a tag", () => {
  assert.throws(() => release([]), /usage/);
  assert.throws(() => release(["owner/name", TAG]), /usage/);
});

test("scripts/release.mjs refuses versions that differ, and a changelog without a final section", () => {
  assert.throws(() => release([REPOSITORY, "v1.2.3"]), /has version .*, but the tag is v1\.2\.3/);
  for (const name of ["package.json", "package-lock.json", "deno.json"]) {
    const change = () =>
      release([REPOSITORY, TAG], (edit) => edit(name, `"version": "${version}"`, '"version": "0.0.0"'));
    assert.throws(change, new RegExp(`${name.replaceAll(".", "\\.")} has version 0\\.0\\.0`), name);
  }
  const heading = `## ${version}`;
  for (const other of [`${heading} (unreleased)`, "## Unreleased"]) {
    assert.throws(
      () => release([REPOSITORY, TAG], (edit) => edit("CHANGELOG.md", heading, other)),
      /unreleased section/,
    );
  }
  assert.throws(
    () => release([REPOSITORY, TAG], (edit) => edit("CHANGELOG.md", heading, "## 0.0.0")),
    /has no section/,
  );
});
