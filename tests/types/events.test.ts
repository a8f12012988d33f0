/** Compares the types of events with the vendor's OpenAPI description and the types of the official SDKs. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PACKAGE_NAME } from "../package/packed.ts";
import { ROOT } from "../runtimes/project.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { absence, compile, COMPILERS, DOM, type Environment, link, NODE_24 } from "./compile.ts";

/** The description's fields: their paths and types, by version. The file is next to the project. */
const DESCRIPTION = join(ROOT, "../shared/facts/event-fields.json");

const SHAPES = {
  v4: "FingerprintEventV4",
  v3: "FingerprintEventV3",
  w3: "WebhookEventV3",
  edge: "EdgeEventV4",
} as const;

/** The paths whose type differs from the description, with the reason. */
const EXCEPTIONS: readonly { readonly path: RegExp; readonly type?: string; readonly required?: true }[] = [
  // Version 3.7.1 of the description and the types of the SDK require it.
  { path: /^products\.labels\.data\[\]\.label$/, required: true },
  // The SDK's types allow any string, because new categories may be added.
  { path: /\bbot_info\.category$/, type: `import("${PACKAGE_NAME}").BotInfoV4["category"]` },
  // Version 3.7.1 of the description adds RequestReadTimeout.
  { path: /^products\.\w+\.error\.code$/, type: `import("${PACKAGE_NAME}").ProductErrorCodeV3` },
];

const PRELUDE = `
import type { EdgeEventV4, FingerprintEventV3, FingerprintEventV4 } from "${PACKAGE_NAME}";
import type { WebhookEventV3 } from "${PACKAGE_NAME}/webhook";
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type IsTrue<Condition extends true> = Condition;
type Kind<T> = T extends readonly unknown[] ? "array" : T extends object ? "object" : never;
type Keys<T> = T extends unknown ? keyof T : never;
type At<T, K> = T extends unknown ? K extends keyof T ? NonNullable<T[K]> : never : never;
type Element<T> = T extends readonly (infer E)[] ? E : never;
type IsOptional<T, K> = T extends unknown ? K extends keyof T ? {} extends Pick<T, K> ? true : false : true : never;
`;

for (const [shape, type] of Object.entries(SHAPES)) {
  test(`${type} has every field of the vendor's description`, async (t) => {
    const absent = { reason: "../shared/facts/event-fields.json is not present", isRequired: false };
    if (skipIfAbsent(t, existsSync(DESCRIPTION) ? undefined : absent)) return;
    const { fields } = JSON.parse(readFileSync(DESCRIPTION, "utf8"))[shape] as { fields: Record<string, string> };
    const checks = Object.entries(fields).map(([path, described]) => check(type, path, described));
    const source = `${PRELUDE}export type Checks = [\n${checks.join(",\n")}\n];\n`;
    const diagnostics = await compile(COMPILERS["TypeScript 7.0"]!, { lib: DOM, consumers: [] }, "nodenext, exact", {
      "fields.ts": source,
    });
    const firstLine = PRELUDE.split("\n").length + 1;
    const wrong = new Set(diagnostics.map((line) => Number(/\((\d+),/.exec(line)?.[1]) - firstLine));
    const entries = Object.entries(fields);
    const covered = entries.length - wrong.size;
    t.diagnostic(`${type}: ${covered} of ${entries.length} paths, ${(100 * covered / entries.length).toFixed(1)} %`);
    assert.deepEqual([...wrong].map((place) => entries[place] ?? diagnostics), []);
  });
}

/** A type that is an error unless `type` has the described type at `path`, and the described optionality. */
function check(type: string, path: string, described: string): string {
  const exception = EXCEPTIONS.find((exception) => exception.path.test(path));
  const isOptional = described.endsWith("?") && exception?.required === undefined;
  const steps = path.split(".").flatMap((step) => step.endsWith("[]") ? [step.slice(0, -2), "[]"] : [step]);
  const last = steps.pop();
  const parent = steps.reduce((parent, step) => {
    if (step === "[]") return `Element<${parent}>`;
    return `At<${parent}, ${step === "*" ? "string" : JSON.stringify(step)}>`;
  }, type);
  const key = last === "*" ? "string" : JSON.stringify(last);
  const field = `At<${parent}, ${key}>`;
  const expected = exception?.type ?? described.replace(/ ?\?$/, "");
  const isRight = expected === "array"
    ? `Same<Kind<${field}>, "array">`
    : expected === "{}"
    ? `Same<Kind<${field}>, "object">`
    : expected === "unknown"
    ? `Same<${field}, {}>`
    : `Same<${field}, ${expected}>`;
  // An index signature is neither optional nor required.
  const isOptionalRight = last === "*" ? "true" : `Same<IsOptional<${parent}, ${key}>, ${isOptional}>`;
  return `[IsTrue<${isRight}>, IsTrue<${isOptionalRight}>]`;
}

/** The official SDKs, each with its type of an event and ours. */
const SDKS = [
  { library: "@fingerprint/node-sdk", theirs: "Event", ours: "FingerprintEventV4" },
  {
    library: "@fingerprintjs/fingerprintjs-pro-server-api",
    theirs: "EventsGetResponse",
    ours: "FingerprintEventV3",
  },
] as const;

for (const { library, theirs, ours } of SDKS) {
  for (const [compilerName, compiler] of Object.entries(COMPILERS)) {
    test(`${ours} and ${theirs} of ${library} are assignable to each other in ${compilerName}`, async (t) => {
      if (skipIfAbsent(t, absence(compiler))) return;
      const sdk = { reason: "not installed: npm ci --prefix bench", isRequired: true };
      if (skipIfAbsent(t, existsSync(join(ROOT, "bench/node_modules", library)) ? undefined : sdk)) return;
      link(library, "bench/node_modules");
      const source = `
import type { ${ours} } from "${PACKAGE_NAME}";
import type { ${theirs} } from "${library}";
declare const ours: ${ours};
declare const theirs: ${theirs};
export const isAny: 0 extends 1 & ${theirs} ? true : false = false;
export const toTheirs: ${theirs} = ours;
export const toOurs: ${ours} = theirs;
`;
      const environment: Environment = { lib: DOM, nodeTypes: NODE_24, consumers: [], skipLibCheck: true };
      for (const mode of ["nodenext, exact", "bundler, inexact"] as const) {
        assert.deepEqual(await compile(compiler, environment, mode, { "sdk.ts": source }), [], mode);
      }
    });
  }
}
