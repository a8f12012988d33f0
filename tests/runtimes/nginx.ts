/**
 * nginx with njs, its own engine: the tests of `tests/nginx/` run on Node and start nginx.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { listNodes, program } from "./programs.ts";
import { ROOT, sibling, testFiles } from "./project.ts";
import { type Launcher, recordsOf } from "./record.ts";
import { run } from "./run.ts";

export const nginxLauncher: Launcher = {
  name: "nginx",
  async launch() {
    const { path, install } = program("nginx");
    if (path === undefined) return { missing: install };
    // This Node runs TypeScript; the machine's own may not.
    const node = listNodes().find(({ name }) => name === "node24")?.path;
    if (node === undefined) return { missing: "npm ci --prefix tests/runtimes" };
    // nginx prints its version on standard error.
    const version = /\d+(\.\d+)+/.exec(spawnSync(path, ["-v"], { encoding: "utf8" }).stderr)?.[0] ?? "?";
    const files = testFiles("nginx").map((file) => join(ROOT, file));
    const ended = await run(node, ["--test", `--test-reporter=${sibling("node-reporter")}`, ...files], { cwd: ROOT });
    return { version, records: recordsOf(ended, "nginx") };
  },
};
