/** The tarball, installed outside the project, in each runtime. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { absenceOf, listRuntimes, program, type ProgramKind } from "../runtimes/programs.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { workerdConfiguration } from "../support/workerd.ts";
import { installPacked, output } from "./packed.ts";

const { folder, modules } = await installPacked();

/** What a program prints that imports every module of the package, and opens and inflates with the first two. */
const PRINTED = `opened 1703067132750.Z5hutJ, inflated hello, imported ${modules.length}`;

writeFileSync(join(folder, "use.js"), useOf(modules));

/** The arguments that run a script. */
const ARGUMENTS: Readonly<Partial<Record<ProgramKind, readonly string[]>>> = {
  node: [],
  deno: ["run", "--node-modules-dir=manual"],
  bun: ["run"],
};

for (const runtime of listRuntimes()) {
  const args = ARGUMENTS[runtime.kind];
  if (args === undefined) continue;
  test(`the packed package works in ${runtime.name}`, async (t) => {
    if (skipIfAbsent(t, absenceOf(runtime))) return;
    assert.equal((await output(runtime.path!, [...args, "use.js"], folder)).trim(), PRINTED); // not absent
  });
}

test("the packed command runs by its name, with worker threads from its one file", async () => {
  const unseal = join(folder, "node_modules/.bin/unseal");
  writeFileSync(join(folder, "keys"), SAMPLE_KEY, { mode: 0o600 });
  writeFileSync(join(folder, "archive"), `${SAMPLE_SEALED}\n`.repeat(2000));
  const printed = await output(unseal, ["batch", "archive", "-o", "-", "--key-file", "keys", "--jobs", "2"], folder);
  const lines = printed.trimEnd().split("\n");
  assert.equal(lines.length, 2000);
  assert.equal(JSON.parse(lines[1999]!).products.identification.data.requestId, "1703067132750.Z5hutJ"); // the last one
});

test("the packed package works in workerd, bundled", async (t) => {
  const workerd = program("workerd");
  if (skipIfAbsent(t, absenceOf(workerd))) return;
  const portable = modules.filter((name) => !/\/(?:cli|node-cipher)$/.test(name));
  await build({
    stdin: { contents: useOf(portable), resolveDir: folder },
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    // With top-level await in place, `test` is what workerd calls once the module has run to its end.
    footer: { js: "export default { test() {} };" },
    logLevel: "silent",
  });
  writeFileSync(join(folder, "worker.capnp"), workerdConfiguration("worker.js"));
  const printed = await output(workerd.path!, ["test", join(folder, "worker.capnp")], folder);
  assert.equal(printed.trim(), PRINTED.replace(String(modules.length), String(portable.length)));
});

function useOf(imported: readonly string[]): string {
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
