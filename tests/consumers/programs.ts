/**
 * The programs of consumers. Each imports every module of the package, opens a sealed result with the first module, and
 * inflates a stream with the second.
 *
 * @module
 */

import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";

/**
 * An ES module, which is also valid TypeScript.
 *
 * @param main Whether the module runs when it is loaded, or exports a function for `workerd test`.
 */
export function moduleProgram(modules: readonly string[], main: "run" | "worker" = "run"): string {
  const start = main === "run" ? "void main();" : "export default { test: main };";
  return `${imports(modules)}\n${body(modules)}${start}\n`;
}

export function commonJsProgram(modules: readonly string[]): string {
  return `${requires(modules)}\n${body(modules)}main();\n`;
}

/** How a test file loads the package. */
type Loading = "require" | "import";

/** A test file for runners that have `test` and `expect` as globals. */
export function programTest(modules: readonly string[], loading: Loading): string {
  return `${load(modules, loading)}
${body(modules)}
test("the package works", async () => {
  expect(await main()).toContain("imported ${modules.length}");
});
`;
}

/** A test file for the simulated page of such a runner. */
export function refusalTest(modules: readonly string[], loading: Loading): string {
  return `${load(modules, loading)}
test("createUnsealer() names the remedies in a simulated page", () => {
  const create = () => module0.createUnsealer({ keys: ${JSON.stringify(SAMPLE_KEY)} });
  // In two parts, because the runners would read the whole text as a directive.
  expect(create).toThrow("@vitest-" + "environment node");
  expect(create).toThrow("@jest-" + "environment");
  expect(create).toThrow("dangerouslyAllowBrowser");
});
`;
}

function load(modules: readonly string[], loading: Loading): string {
  return loading === "require" ? requires(modules) : imports(modules);
}

function imports(modules: readonly string[]): string {
  return modules.map((name, place) => `import * as module${place} from ${JSON.stringify(name)};`).join("\n");
}

function requires(modules: readonly string[]): string {
  return modules.map((name, place) => `const module${place} = require(${JSON.stringify(name)});`).join("\n");
}

function body(modules: readonly string[]): string {
  return `const modules = [${modules.map((_, place) => `module${place}`).join(", ")}];
async function main() {
  const event = await module0.createUnsealer({ keys: ${JSON.stringify(SAMPLE_KEY)} }).unseal(${
    JSON.stringify(SAMPLE_SEALED)
  });
  const hello = String.fromCharCode(...module1.inflateRaw(new Uint8Array([0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])));
  const filled = modules.filter((each) => Object.keys(each).length > 0);
  const id = event.products?.identification?.data?.requestId;
  const printed = \`opened \${id}, inflated \${hello}, imported \${filled.length}\`;
  console.log(printed);
  return printed;
}
`;
}
