/** The changes of the release workflow to the manifest and README.md. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ROOT } from "../runtimes/project.ts";

const REPOSITORY = "https://example.com/owner/name";
const folder = mkdtempSync(join(tmpdir(), "unseal-release-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function release(...args: string[]): void {
  for (const name of ["package.json", "README.md"]) cpSync(join(ROOT, name), join(folder, name));
  const script = join(ROOT, "scripts/release.mjs");
  execFileSync(process.execPath, [script, ...args], { cwd: folder, stdio: "pipe" });
}

test("scripts/release.mjs fills in the package's addresses and changes nothing else", () => {
  release(REPOSITORY, "v1.2.3");
  const before = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const { repository, homepage, bugs, ...rest } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  assert.deepEqual(rest, before);
  assert.deepEqual(repository, { type: "git", url: `git+${REPOSITORY}.git` });
  assert.deepEqual([homepage, bugs], [`${REPOSITORY}#readme`, `${REPOSITORY}/issues`]);
});

test("scripts/release.mjs makes every link and picture of README.md absolute", () => {
  release(REPOSITORY, "v1.2.3");
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const targets = [...readme.matchAll(/\]\(([^)\s]+)\)|\bsrc(?:set)?="([^"]+)"/g)].map(([, link, picture]) =>
    link ?? picture
  );
  assert.ok(targets.includes(`${REPOSITORY}/blob/v1.2.3/docs/core.md`));
  assert.deepEqual(targets.filter((target) => !/^(https:|#)/.test(target!)), []); // one of the two groups always matches
});

test("scripts/release.mjs refuses to run without an address and a tag", () => {
  assert.throws(() => release(), /usage/);
  assert.throws(() => release("owner/name", "v1.2.3"), /usage/);
});
