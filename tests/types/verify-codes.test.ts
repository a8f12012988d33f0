/** The verifier's table of codes must cover the modules' codes: it does not compile when one is missing. */

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";

const MODULES: Readonly<Record<string, { readonly last: string; readonly refusedIn: RegExp }>> = {
  "src/unseal/errors.ts": { last: '| "ERR_BROWSER"', refusedIn: /^src\/verify\/errors\.ts.*ERR_ADDED/m },
  "src/replay/errors.ts": { last: '| "ERR_REPLAY_STORE"', refusedIn: /^src\/verify\/errors\.ts.*ERR_ADDED/m },
  "src/events-api/errors.ts": { last: '| "ERR_EVENTS_API_BODY"', refusedIn: /^src\/verify\/fallback\.ts.*ERR_ADDED/m },
};

for (const [file, { last, refusedIn }] of Object.entries(MODULES)) {
  test(`The verifier does not compile when ${file} has a code that its table lacks`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "unseal-codes-"));
    try {
      for (const name of ["src", "mod.ts", "tsconfig.json", "package.json"]) {
        cpSync(join(ROOT, name), join(folder, name), { recursive: true });
      }
      symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
      const source = readFileSync(join(folder, file), "utf8");
      assert.equal(source.split(`${last};`).length, 2, `${file} ends its union of codes otherwise`);
      writeFileSync(join(folder, file), source.replace(`${last};`, `${last}\n  | "ERR_ADDED";`));
      const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
      const { output } = await run(process.execPath, [tsc, "-p", ".", "--noEmit", "--pretty", "false"], {
        cwd: folder,
      });
      assert.match(output, refusedIn);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
