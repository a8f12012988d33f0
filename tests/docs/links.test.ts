/** Checks that the links between the project's documents have targets, and that the files they name exist. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../runtimes/project.ts";
import { documents } from "./examples.ts";

const pages = documents().filter((file) => file.endsWith(".md"));

for (const page of pages) {
  test(`the links of ${page} lead to files and headings that exist`, () => {
    const text = readFileSync(join(ROOT, page), "utf8");
    const dead = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link]) => link!) // the group is not optional
      .filter((link) => !leadsSomewhere(page, link));
    assert.deepEqual(dead, []);
  });
}

for (const page of pages) {
  test(`the files that ${page} names exist`, () => {
    const text = readFileSync(join(ROOT, page), "utf8");
    const named = [...text.matchAll(/`((?:bench|docs|examples|scripts|src|tests)\/[\w./-]+\.\w+)`/g)];
    assert.deepEqual(named.map(([, file]) => file!).filter((file) => !existsSync(join(ROOT, file))), []); // the group is not optional
  });
}

test("docs/README.md lists every page", () => {
  const index = readFileSync(join(ROOT, "docs/README.md"), "utf8");
  const missing = pages.filter((page) => page.startsWith("docs/") && page !== "docs/README.md")
    .filter((page) => !index.includes(`(${page.slice("docs/".length)})`));
  assert.deepEqual(missing, []);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || headingsOf(readFileSync(file, "utf8")).includes(anchor);
}

/** Headings as anchors, by GitHub's rules. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-") // the group is not optional
  );
}
