/**
 * workerd, the runtime of Cloudflare Workers: with its newest compatibility date, and with an old one.
 *
 * Both run without Node compatibility.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { workerdConfiguration } from "../support/workerd.ts";
import { runBundled } from "./bundle.ts";
import type { Launcher } from "./record.ts";
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
    if (workerd === undefined) return { missing: install };
    const start = `export default {
      test: () => runTests(files, (record) => console.log("@unseal " + JSON.stringify(record)))
    };`;
    const conditions = ["workerd", "worker", "browser"];
    const records = await runBundled({ start, format: "esm", conditions }, (folder) => {
      const file = join(folder, "tests.capnp");
      writeFileSync(file, workerdConfiguration("tests.js", date === undefined ? {} : { compatibilityDate: date }));
      return run(workerd, ["test", file], { cwd: ROOT });
    });
    return { version: versionOf(workerd), records };
  };
  return { name, launch };
}
