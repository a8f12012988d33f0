/**
 * `npm run setup`: installs everything that the suite and the benchmark can use, from npm and, as root on Debian, with
 * apt-get: Node releases, older TypeScripts, contestants, browsers and engines.
 *
 * It runs before any package is installed, so it is JavaScript without dependencies.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const isRequired = process.env.CI === "true";
const isRoot = process.getuid?.() === 0;
/** Tools that neither the suite nor the benchmark uses. */
const ON_DEMAND = ["tests/fuzz", "tests/mutate"];

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
installDebianPackages();
// The project's own packages come first. The other folders are for some tests and the benchmark only.
for (const folder of [".", ...lockedFolders(".").filter((folder) => ![".", ...ON_DEMAND].includes(folder))]) {
  run("npm", ["ci", "--prefix", folder]);
}

/** Every folder that has a `package-lock.json`. */
function lockedFolders(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
    .flatMap(({ name }) => lockedFolders(join(folder, name)));
  return entries.some(({ name }) => name === "package-lock.json") ? [folder, ...below] : below;
}

function installDebianPackages() {
  const packages = Object.values(JSON.parse(readFileSync("scripts/debian-packages.json", "utf8"))).flat();
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return console.log(`Debian packages are installed: ${packages.join(" ")}`);
  const hasApt = spawnSync("apt-get", ["--version"]).status === 0;
  if (hasApt && isRoot) {
    run("apt-get", ["update", "-qq"]);
    // With runlevel 1, packages do not start their servers. The suite starts its own.
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], {
      DEBIAN_FRONTEND: "noninteractive",
      RUNLEVEL: "1",
    });
    return;
  }
  if (isRequired) throw new Error(`Debian packages are missing: ${missing.join(" ")}`);
  console.log(`Not root on Debian; install by hand: apt-get install --no-install-recommends ${missing.join(" ")}`);
}

function isInstalled(name) {
  const { stdout } = spawnSync("dpkg-query", ["--show", "--showformat=${db:Status-Status}", name], {
    encoding: "utf8",
  });
  return stdout === "installed";
}

function run(command, args, env = {}) {
  console.log([command, ...args].join(" "));
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
}
