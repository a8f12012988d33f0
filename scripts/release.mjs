/**
 * Prepares a checkout for publishing, in the release workflow: fills in the package's addresses, and makes the links and
 * pictures of README.md absolute, because npm and JSR show it without the repository around it.
 *
 * `node scripts/release.mjs https://github.com/OWNER/NAME TAG`
 */

import { readFileSync, writeFileSync } from "node:fs";

const [, , repository, tag] = process.argv;
if (!/^https:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(repository ?? "") || !/^v\d/.test(tag ?? "")) {
  throw new Error("usage: node scripts/release.mjs https://HOST/OWNER/NAME vVERSION");
}

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
manifest.repository = { type: "git", url: `git+${repository}.git` };
manifest.homepage = `${repository}#readme`;
manifest.bugs = `${repository}/issues`;
writeFileSync("package.json", `${JSON.stringify(manifest, undefined, 2)}\n`);

const readme = readFileSync("README.md", "utf8")
  .replace(/\]\((?!https?:|#)([^)\s]+)\)/g, `](${repository}/blob/${tag}/$1)`)
  .replace(/\b(src|srcset)="(?!https?:)([^"]+)"/g, `$1="${repository}/raw/${tag}/$2"`);
writeFileSync("README.md", readme);
