/** Compares the types of events with the vendor's OpenAPI description and the types of the official SDKs. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PACKAGE_NAME } from "../package/packed.ts";
import { ROOT } from "../runtimes/project.ts";
import { needs } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { absence, compile, COMPILERS, DOM, type Environment, link, NODE_24 } from "./compile.ts";

/** The description's fields: their paths and types, by version. The file is next to the project. */
const DESCRIPTION = join(ROOT, "../shared/facts/event-fields.json");
const absent = existsSync(DESCRIPTION)
  ? undefined
  : { reason: "../shared/facts/event-fields.json is not present", isRequired: false };

const SHAPES = {
  v4: "FingerprintEventV4",
  v3: "FingerprintEventV3",
  w3: "WebhookEventV3",
  edge: "EdgeEventV4",
} as const;

/** The paths whose type differs from the description, with the reason. */
const EXCEPTIONS: readonly { readonly path: RegExp; readonly type?: string; readonly isOptional?: boolean }[] = [
  // The description requires these fields. Older events lack them, as the vendor's published ones show.
  {
    path:
      /^products\.(?:identification\.data\.(?:tag|replayed)|botd\.data\.(?:url|userAgent|requestId)|proxy\.data\.confidence)$/,
    isOptional: true,
  },
  {
    path: /^products\.vpn\.data\.(?:confidence|originTimezone|originCountry)$/,
    isOptional: true,
  },
  { path: /\bvpn\.(?:data\.)?methods\.(?:auxiliaryMobile|osMismatch|relay)$/, isOptional: true },
  { path: /^products\.tampering\.data\.(?:confidence|mlScore|antiDetectBrowser)$/, isOptional: true },
  {
    path: /^products\.velocity\.data\.(?:ipEvents|distinctIpByLinkedId|distinctVisitorIdByLinkedId)$/,
    isOptional: true,
  },
  { path: /\b(?:geolocation|ipLocation)\.city\.name$/, isOptional: true },
  { path: /^sdk$/, isOptional: true },
  // Version 3.7.1 of the description and the types of the SDK require it.
  { path: /^products\.labels\.data\[\]\.label$/, isOptional: false },
  // The SDK's types allow any string, because new categories may be added.
  { path: /\bbot_info\.category$/, type: `import("${PACKAGE_NAME}/event").BotInfoV4["category"]` },
  // Version 3.7.1 of the description adds RequestReadTimeout.
  { path: /^products\.\w+\.error\.code$/, type: `import("${PACKAGE_NAME}/event").ProductErrorCodeV3` },
];

const PRELUDE = `
import type { EdgeEventV4, FingerprintEventV3, FingerprintEventV4, WebhookEventV3 } from "${PACKAGE_NAME}/event";
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type IsTrue<Condition extends true> = Condition;
type Kind<T> = T extends readonly unknown[] ? "array" : T extends object ? "object" : never;
type Keys<T> = T extends unknown ? keyof T : never;
type At<T, K> = T extends unknown ? K extends keyof T ? NonNullable<T[K]> : never : never;
type Element<T> = T extends readonly (infer E)[] ? E : never;
type IsOptional<T, K> = T extends unknown ? K extends keyof T ? {} extends Pick<T, K> ? true : false : true : never;
`;

for (const [shape, type] of Object.entries(SHAPES)) {
  test(`${type} has every field of the vendor's description`, needs(absent), async (t) => {
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
  const isOptional = exception?.isOptional ?? described.endsWith("?");
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

/**
 * The official SDKs, each with its type of an event and ours. The SDK's v3 type requires fields that older events lack
 * and ours does not, so that ours accepts the SDK's, but is not assignable to it.
 */
const SDKS = [
  { library: "@fingerprint/node-sdk", theirs: "Event", ours: "FingerprintEventV4", isMutual: true },
  {
    library: "@fingerprintjs/fingerprintjs-pro-server-api",
    theirs: "EventsGetResponse",
    ours: "FingerprintEventV3",
    isMutual: false,
  },
] as const;

for (const { library, theirs, ours, isMutual } of SDKS) {
  for (const [compilerName, compiler] of Object.entries(COMPILERS)) {
    test(
      `${theirs} of ${library} is assignable to ${ours} in ${compilerName}`,
      needs(absence(compiler), absenceOfPackages("bench")),
      async () => {
        link(library, "bench/node_modules");
        const source = `
import type { ${ours} } from "${PACKAGE_NAME}/event";
import type { ${theirs} } from "${library}";
declare const ours: ${ours};
declare const theirs: ${theirs};
export const isAny: 0 extends 1 & ${theirs} ? true : false = false;
export const toOurs: ${ours} = theirs;
${isMutual ? "" : "// @ts-expect-error"}
export const toTheirs: ${theirs} = ours;
`;
        const environment: Environment = { lib: DOM, nodeTypes: NODE_24, consumers: [], skipLibCheck: true };
        for (const mode of ["nodenext, exact", "bundler, inexact"] as const) {
          assert.deepEqual(await compile(compiler, environment, mode, { "sdk.ts": source }), [], mode);
        }
      },
    );
  }
}

/** Fields that came later, of a v3 event and a v3 webhook: reading them without a check must not compile. */
const LATER = [
  "identification!.data!.tag.purpose",
  "identification!.data!.replayed.valueOf()",
  "botd!.data!.requestId.length",
  "proxy!.data!.confidence.length",
  "vpn!.data!.confidence.length",
  "vpn!.data!.originCountry.length",
  "vpn!.data!.methods.relay.valueOf()",
  "tampering!.data!.mlScore.toFixed()",
  "velocity!.data!.ipEvents.intervals",
  "ipInfo!.data!.v4!.geolocation.city!.name.length",
];

for (const [compilerName, compiler] of Object.entries(COMPILERS)) {
  test(
    `fields of FingerprintEventV3 that came later are optional in ${compilerName}`,
    needs(absence(compiler)),
    async () => {
      const source = `
import type { FingerprintEventV3 } from "${PACKAGE_NAME}/event";
declare const { products }: FingerprintEventV3;
export const later = [
${LATER.map((path) => `products.${path},`).join("\n")}
];
`;
      const environment: Environment = { lib: DOM, consumers: [] };
      const diagnostics = await compile(compiler, environment, "nodenext, exact", { "later.ts": source });
      const lines = diagnostics.map((line) => /\((\d+),.*(TS18048|TS2532)/.exec(line)?.[1]);
      assert.deepEqual(lines, LATER.map((_, i) => `${i + 5}`));
    },
  );
}
