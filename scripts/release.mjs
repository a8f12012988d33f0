/**
 * Prepares a checkout for publishing: fills in the package's addresses, and makes the links and pictures of the published
 * documents absolute, because npm and JSR show them without the repository around them.
 *
 * `node scripts/release.mjs https://github.com/OWNER/NAME vVERSION`
 */

import { readFileSync, writeFileSync } from "node:fs";

const [, , repository, tag] = process.argv;
if (!/^https:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(repository ?? "") || !/^v\d/.test(tag ?? "")) {
  throw new Error("usage: node scripts/release.mjs https://HOST/OWNER/NAME vVERSION");
}
checkVersions(tag.slice("v".length));

const manifest = readJson("package.json");
manifest.repository = { type: "git", url: `git+${repository}.git` };
manifest.homepage = `${repository}#readme`;
manifest.bugs = `${repository}/issues`;
writeFileSync("package.json", `${JSON.stringify(manifest, undefined, 2)}\n`);

for (const document of ["README.md", "SECURITY.md", "CHANGELOG.md"]) {
  const text = readFileSync(document, "utf8")
    .replace(/\]\((?!https?:|#)([^)\s]+)\)/g, `](${repository}/blob/${tag}/$1)`)
    .replace(/\b(src|srcset)="(?!https?:)([^"]+)"/g, `$1="${repository}/raw/${tag}/$2"`);
  writeFileSync(document, text);
}

/** The tag, the manifests, the lock file and the changelog must name one version, and the changelog must be final. */
function checkVersions(version) {
  const lock = readJson("package-lock.json");
  const named = {
    "package.json": readJson("package.json").version,
    "deno.json": readJson("deno.json").version,
    "package-lock.json": lock.version,
    'packages[""] of package-lock.json': lock.packages[""].version,
  };
  for (const [place, other] of Object.entries(named)) {
    if (other !== version) throw new Error(`${place} has version ${other}, but the tag is ${tag}`);
  }
  const changelog = readFileSync("CHANGELOG.md", "utf8");
  if (/^##.*unreleased/im.test(changelog)) {
    throw new Error("CHANGELOG.md has an unreleased section: give it its version");
  }
  if (!changelog.split("\n").some((line) => line.startsWith(`## ${version}`))) {
    throw new Error(`CHANGELOG.md has no section "## ${version}"`);
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
