/** The tarball, installed outside the project, in each runtime. */

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { build } from "esbuild";
import { installedCommand, ROOT } from "../runtimes/project.ts";
import { findCommand, versionOf } from "../runtimes/run.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { installPacked, output, PACKAGE_NAME } from "./packed.ts";

const { folder, modules } = await installPacked();

/** What a program prints that imports every module of the package, and opens and inflates with the first two. */
const PRINTED = `opened 1703067132750.Z5hutJ, inflated hello, imported ${modules.length}`;

writeFileSync(join(folder, "use.js"), program(modules));

const nodes = [22, 24, 26].map((major) => join(ROOT, `tests/runtimes/node_modules/node${major}/bin/node`));

const RUNTIMES = [
  ["the Node on PATH", findCommand("node"), []],
  ["Node 22", nodes[0], []],
  ["Node 24", nodes[1], []],
  ["Node 26", nodes[2], []],
  ["Deno", installedCommand("deno"), ["run", "--node-modules-dir=manual"]],
  ["Bun", installedCommand("bun"), ["run"]],
] as const;

for (const [runtime, command, args] of RUNTIMES) {
  test(`the packed package works in ${runtime}`, async (t) => {
    if (isMissing(t, runtime, command)) return;
    assert.equal((await output(command, [...args, "use.js"], folder)).trim(), PRINTED);
  });
}

test("the packed package works in workerd, bundled", async (t) => {
  const workerd = installedCommand("workerd");
  if (isMissing(t, "workerd", workerd)) return;
  const portable = modules.filter((name) => name !== `${PACKAGE_NAME}/node-cipher`);
  await build({
    stdin: { contents: program(portable), resolveDir: folder },
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    // With top-level await in place, `test` is what workerd calls once the module has run to its end.
    footer: { js: "export default { test() {} };" },
    logLevel: "silent",
  });
  const configuration = `using Workerd = import "/workerd/workerd.capnp";
const unit :Workerd.Config = (services = [(name = "use", worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${versionOf(workerd)}",
))]);
`;
  writeFileSync(join(folder, "worker.capnp"), configuration);
  const printed = await output(workerd, ["test", join(folder, "worker.capnp")], folder);
  assert.equal(printed.trim(), PRINTED.replace(String(modules.length), String(portable.length)));
});

function program(imported: readonly string[]): string {
  const imports = imported.map((name, place) => `import * as module${place} from "${name}";`);
  return `${imports.join("\n")}
const { createUnsealer, inflateRaw } = { ...module0, ...module1 };
const modules = [${imported.map((_, place) => `module${place}`).join(", ")}];
const event = await createUnsealer({ keys: "${SAMPLE_KEY}" }).unseal("${SAMPLE_SEALED}");
const hello = String.fromCharCode(...inflateRaw(new Uint8Array([0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])));
const filled = modules.filter((module) => Object.keys(module).length > 0);
console.log(\`opened \${event.products.identification.data.requestId}, inflated \${hello}, imported \${filled.length}\`);
`;
}

function isMissing(t: TestContext, runtime: string, command: string | undefined): command is undefined {
  if (command !== undefined && existsSync(command)) return false;
  assert.notEqual(process.env["CI"], "true", `${runtime} is not installed`);
  t.skip(`${runtime} is not installed`);
  return true;
}
