/**
 * `npm run release:check`: rehearses a release offline, in a copy of this checkout, up to the upload: versions, links,
 * a newcomer's tests, two byte-equal tarballs, npm's and JSR's dry runs, the SBOM and the checksums.
 *
 * What it leaves out is in `npm test`: the tarball in every runtime and tool (`tests/consumers`, `tests/package`).
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const REPOSITORY = "https://example.com/owner/name"; // stands for the real one, which the workflow knows
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "unseal-release-"));

try {
  step("a clean copy of the committed files", () => {
    execFileSync("git", ["clone", "--quiet", "--local", ROOT, join(folder, "copy")]);
    symlinkSync(join(ROOT, "node_modules"), join(folder, "copy/node_modules"));
  });
  const copy = join(folder, "copy");
  step("the project's own tests pass with the packages of npm ci alone", () => {
    const { CI: _, ...env } = process.env; // there, what is missing would be required
    return { note: run("npm", ["test", "--silent", "--", "project"], copy, env).trimEnd().split("\n").at(-1) };
  });
  step(`release.mjs accepts v${version}`, () => run("node", ["scripts/release.mjs", REPOSITORY, `v${version}`], copy));
  step("every link of the published documents leads to a file of the repository", () => checkLinks(copy));
  const tarballs = [["first", 0o022], ["second", 0o077]].map(([name, umask]) =>
    step(`npm pack, umask 0${umask.toString(8)}`, () => {
      mkdirSync(join(folder, name));
      process.umask(umask);
      const printed = run("npm", ["pack", "--json", `--pack-destination=${join(folder, name)}`], copy);
      const [{ filename, unpackedSize, entryCount }] = JSON.parse(printed);
      return { path: join(folder, name, filename), note: `${entryCount} files, ${unpackedSize} bytes unpacked` };
    })
  );
  step("both tarballs have the same bytes", () => {
    const [one, other] = tarballs.map(({ path }) => sha256(path));
    if (one !== other) throw new Error("they differ");
    return { note: `SHA-256 ${one}` };
  });
  step("npm publish --dry-run", () => {
    const tag = version.includes("-") ? "next" : "latest"; // as in the workflow
    run("npm", ["publish", "--dry-run", "--offline", `--tag=${tag}`, tarballs[0].path], folder);
  });
  step("deno publish --dry-run", () => {
    run(join(ROOT, "node_modules/.bin/deno"), ["publish", "--dry-run", "--allow-dirty", "--quiet"], copy);
  });
  step("every public symbol is documented, which JSR's score counts", () => {
    const entries = Object.values(JSON.parse(readFileSync(join(copy, "deno.json"), "utf8")).exports);
    run(join(ROOT, "node_modules/.bin/deno"), ["doc", "--lint", ...entries], copy);
  });
  step("SBOM (CycloneDX) without a dependency", () => {
    const sbom = run("npm", ["sbom", "--sbom-format=cyclonedx", "--omit=dev", "--package-lock-only"], copy);
    const { components = [] } = JSON.parse(sbom);
    if (components.length > 0) throw new Error(`it has ${components.length} components`);
    writeFileSync(join(folder, "sbom.cdx.json"), sbom);
  });
  console.log("The release is ready to be tagged. docs/releasing.md has the steps.");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function step(name, perform) {
  try {
    const result = perform();
    console.log(`ok  ${name}${result?.note === undefined ? "" : `: ${result.note}`}`);
    return result;
  } catch (error) {
    console.error(`FAILED  ${name}\n${error.stderr || error.message}`);
    process.exit(1);
  }
}

function run(command, args, cwd, env = process.env) {
  return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function sha256(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function checkLinks(copy) {
  for (const document of ["README.md", "SECURITY.md", "CHANGELOG.md"]) {
    const text = readFileSync(join(copy, document), "utf8");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)|\bsrc(?:set)?="([^"]+)"/g)].map(([, link, picture]) =>
      link ?? picture
    );
    for (const target of targets) {
      if (target.startsWith("#")) continue;
      const inRepository = new RegExp(`^${REPOSITORY}/(?:blob|raw)/v${version}/([^#]+)`).exec(target);
      if (inRepository !== null && !existsSync(join(copy, inRepository[1]))) throw new Error(`${document}: ${target}`);
      if (inRepository === null && !target.startsWith("https://")) throw new Error(`${document}: ${target}`);
    }
  }
}
