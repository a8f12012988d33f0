/**
 * workerd, the runtime of Cloudflare Workers: with its newest compatibility date, and with an old one.
 *
 * Both run without Node compatibility.
 *
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workerdConfiguration } from "../support/workerd.ts";
import { bundleTests } from "./bundle.ts";
import { type Launcher, recordsOf, resultOf } from "./record.ts";
import { program } from "./programs.ts";
import { ROOT } from "./project.ts";
import { run, versionOf } from "./run.ts";

/** An early date, with which `DecompressionStream` accepts trailing bytes and truncated streams. */
const OLD_DATE = "2023-03-01";

export const workerdLaunchers: readonly Launcher[] = [
  launcherOf("workerd"),
  launcherOf(`workerd-${OLD_DATE}`, OLD_DATE),
];

/** Without a date, the newest that this workerd knows. */
function launcherOf(name: string, date?: string): Launcher {
  const launch: Launcher["launch"] = async () => {
    const { path: workerd, install } = program("workerd");
    if (workerd === undefined) return { runtime: name, missing: install };
    const startedAt = Date.now();
    const version = versionOf(workerd);
    const folder = mkdtempSync(join(tmpdir(), "unseal-workerd-"));
    try {
      const start = `export default {
        test: () => runTests(files, (record) => console.log("@unseal " + JSON.stringify(record)))
      };`;
      const conditions = ["workerd", "worker", "browser"];
      writeFileSync(
        join(folder, "tests.js"),
        await bundleTests({ suite: "portable", start, format: "esm", conditions }),
      );
      writeFileSync(
        join(folder, "tests.capnp"),
        workerdConfiguration("tests.js", date === undefined ? {} : { compatibilityDate: date }),
      );
      const ended = await run(workerd, ["test", join(folder, "tests.capnp")], { cwd: ROOT });
      return resultOf(name, version, startedAt, recordsOf(ended, "portable"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return { name, launch };
}
