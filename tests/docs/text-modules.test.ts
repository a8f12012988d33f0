import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { textModules } from "../../scripts/text-modules.ts";
import { ROOT } from "../runtimes/project.ts";

test("the modules that hold text are what npm run text-modules writes", async () => {
  for (const [file, text] of Object.entries(await textModules())) {
    assert.equal(readFileSync(join(ROOT, file), "utf8"), text, file);
  }
});
