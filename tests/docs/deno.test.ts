/** Checks the documentation as Deno and JSR read it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { installedCommand, ROOT } from "../runtimes/project.ts";

const { exports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")) as { exports: Record<string, string> };
const modules = Object.values(exports);

test("deno test --doc compiles and runs the examples of the modules", () => {
  const { status, printed } = deno("test", "--doc", "--allow-all", "mod.ts", "src");
  assert.equal(status, 0, printed);
  // Deno prints the number of examples, and succeeds even without any.
  assert.ok(Number(/(\d+) passed/.exec(printed)?.[1]) >= modules.length, printed);
});

test("deno doc --lint finds every exported symbol documented, and no private type in the API", () => {
  const { printed } = deno("doc", "--lint", ...modules);
  const findings = printed.split(/^(?=error\[)/m).filter((finding) => finding.startsWith("error["));
  assert.equal(findings.length, Number(/Found (\d+) documentation lint error/.exec(printed)?.[1] ?? 0), printed);
  assert.deepEqual(findings, []);
});

function deno(...args: readonly string[]): { status: number | null; printed: string } {
  const command = installedCommand("deno");
  assert.ok(command !== undefined, "deno is not installed: npm ci");
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { status, printed: stripVTControlCharacters(stdout + stderr) };
}
