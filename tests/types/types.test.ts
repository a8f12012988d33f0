/** The packed declarations, as consumers' compilers read them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PACKAGE_NAME } from "../package/packed.ts";
import { ROOT } from "../runtimes/project.ts";
import { needs } from "../support/absence.ts";
import {
  absence,
  compile,
  COMPILERS,
  consumer,
  DOM,
  type Environment,
  ES,
  link,
  type Mode,
  MODES,
  NODE_20,
  NODE_24,
} from "./compile.ts";

const ENVIRONMENTS: Readonly<Record<string, Environment>> = {
  "the language alone": { lib: ES, consumers: ["core"] },
  "the libraries of ES2020": { lib: ["ES2020", ...DOM.slice(1)], consumers: ["core", "dom", "modules", "older"] },
  "the DOM library": { lib: DOM, consumers: ["core", "dom", "modules", "options", "bytes", "verify"] },
  "the types of Node 20": { lib: ES, nodeTypes: NODE_20, consumers: ["core", "node", "modules"] },
  "the types of Node 24": { lib: ES, nodeTypes: NODE_24, consumers: ["core", "node", "modules"] },
  "the DOM library and the types of Node 20": {
    lib: DOM,
    nodeTypes: NODE_20,
    consumers: ["core", "dom", "node", "modules", "bytes"],
  },
};

for (const [compilerName, compiler] of Object.entries(COMPILERS)) {
  for (const [environmentName, environment] of Object.entries(ENVIRONMENTS)) {
    const missing = absence(compiler, environment.nodeTypes);
    test(`${compilerName} accepts the declarations with ${environmentName}`, needs(missing), async () => {
      for (const mode of Object.keys(MODES) as Mode[]) {
        assert.deepEqual(await compile(compiler, environment, mode, consumersOf(environment)), [], mode);
      }
    });
  }

  test(`${compilerName} infers the event's type from schemas`, needs(absence(compiler)), async () => {
    for (const library of ["zod", "valibot"]) link(library);
    // The declarations of these libraries are not checked.
    const environment = { lib: DOM, consumers: ["schema"], skipLibCheck: true };
    assert.deepEqual(await compile(compiler, environment, "nodenext, exact", consumersOf(environment)), []);
  });
}

/** Mistakes of consumers, with the diagnostics that the compiler must report. */
const REFUSED: readonly { readonly title: string; readonly code: string; readonly diagnostic: RegExp }[] = [
  {
    title: "an unsealer without keys",
    code: `import { createUnsealer } from "@unseal/sealed-results"; createUnsealer({});`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "a key that may be undefined",
    code: `import { createUnsealer } from "@unseal/sealed-results";
declare const key: string | undefined; createUnsealer({ keys: [key] });`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "an option with a wrong name",
    code: `import { createUnsealer } from "@unseal/sealed-results"; createUnsealer({ keys: "text", maxBytes: 1 });`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "an inflater that does not exist",
    code: `import { createUnsealer } from "@unseal/sealed-results"; createUnsealer({ keys: "text", inflate: "fast" });`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "a sealed result that is a number",
    code: `import { unseal } from "@unseal/sealed-results"; unseal(1, "text");`,
    diagnostic: /^TS(?:2345|2769)$/,
  },
  {
    title: "reading a v3 event as a v4 one",
    code: `import type { FingerprintEvent } from "@unseal/sealed-results";
export function visitor(event: FingerprintEvent): string {
  return event.products ? event.identification.visitor_id : "";
}`,
    diagnostic: /^TS2339$/,
  },
  {
    title: "reading products before the two shapes are distinguished",
    code: `import type { FingerprintEvent } from "@unseal/sealed-results";
export function botd(event: FingerprintEvent): unknown { return event.products.botd; }`,
    diagnostic: /^TS18048$/,
  },
  {
    title: "a misspelt field of a v4 event",
    code: `import type { FingerprintEventV4 } from "@unseal/sealed-results/event";
export function visitor(event: FingerprintEventV4): unknown { return event.identification?.visitorid; }`,
    diagnostic: /^TS2551$/,
  },
  {
    title: "a misspelt product of a v3 event",
    code: `import type { FingerprintEventV3 } from "@unseal/sealed-results/event";
export function isBot(event: FingerprintEventV3): unknown { return event.products.bot; }`,
    diagnostic: /^TS2551$/,
  },
  {
    title: "a value that a field cannot have",
    code: `import type { FingerprintEventV4 } from "@unseal/sealed-results/event";
export function isBot(event: FingerprintEventV4): boolean { return event.bot === "notDetected"; }`,
    diagnostic: /^TS2367$/,
  },
  {
    title: "an error code that does not exist",
    code: `import { UnsealError } from "@unseal/sealed-results";
export function isWrong(error: UnsealError): boolean { return error.code === "ERR_WRONG"; }`,
    diagnostic: /^TS2367$/,
  },
  {
    title: "writing to an opened result",
    code: `import type { OpenedResult } from "@unseal/sealed-results";
export function rename(opened: OpenedResult): void { opened.keyId = "other"; }`,
    diagnostic: /^TS2540$/,
  },
  {
    title: "a field that the schema's output lacks",
    code: `import { createUnsealer, type StandardSchema } from "@unseal/sealed-results";
declare const schema: StandardSchema<{ visitor: string }>;
export const event = await createUnsealer({ keys: "text", schema }).unseal("");
event.products;`,
    diagnostic: /^TS2339$/,
  },
  {
    title: "an event's type without a schema",
    code: `import { unseal } from "@unseal/sealed-results";
export const event: { visitor: string } = await unseal("", "text");`,
    diagnostic: /^TS2322$/,
  },
  {
    title: "an event's type as an argument without a schema",
    code: `import { createUnsealer } from "@unseal/sealed-results";
createUnsealer<{ visitor: string }>({ keys: "text" });`,
    diagnostic: /^TS(?:2345|2344|2769)$/,
  },
  {
    title: "a version as an argument without the option",
    code: `import { createUnsealer } from "@unseal/sealed-results"; createUnsealer<"v4">({ keys: "text" });`,
    diagnostic: /^TS(?:2345|2769)$/,
  },
  {
    title: "a version that does not exist",
    code: `import { createUnsealer } from "@unseal/sealed-results"; createUnsealer({ keys: "text", version: "v5" });`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "a v3 field of an unsealer for v4",
    code: `import { createUnsealer } from "@unseal/sealed-results";
const event = await createUnsealer({ keys: "text", version: "v4" }).unseal("");
event.products.botd;`,
    diagnostic: /^TS(?:18048|2339|2532)$/,
  },
  {
    title: "a synchronous unsealer without a cipher",
    code: `import { createSyncUnsealer } from "@unseal/sealed-results"; createSyncUnsealer({ keys: "text" });`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "a synchronous unsealer with WebCrypto",
    code: `import { createSyncUnsealer, webCryptoCipher } from "@unseal/sealed-results";
createSyncUnsealer({ keys: "text", cipher: webCryptoCipher() });`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "a synchronous unsealer with a cipher that only imports asynchronously",
    code: `import { createSyncUnsealer } from "@unseal/sealed-results";
createSyncUnsealer({
  keys: "text",
  cipher: { importKey: (raw) => Promise.resolve(raw), decrypt: (_key, _nonce, sealed) => sealed },
});`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "a synchronous unsealer with the platform's inflater",
    code: `import { createSyncUnsealer, type SyncCipher } from "@unseal/sealed-results";
import { platformInflate } from "@unseal/sealed-results/inflate";
declare const cipher: SyncCipher;
createSyncUnsealer({ keys: "text", cipher, inflate: platformInflate() });`,
    diagnostic: /^TS2769$/,
  },
  {
    title: "a cipher whose key has another type than it imports",
    code: `import type { Cipher } from "@unseal/sealed-results";
export const cipher: Cipher<number> = { importKey: () => "text", decrypt: (_key, _nonce, sealed) => sealed };`,
    diagnostic: /^TS2322$/,
  },
  {
    title: "a value that is not a SubtleCrypto",
    code: `import { webCryptoCipher } from "@unseal/sealed-results"; webCryptoCipher({ decrypt: () => 1 });`,
    diagnostic: /^TS2322$/,
  },
  {
    title: "inflating text",
    code: `import { inflateRaw } from "@unseal/sealed-results/inflate"; inflateRaw("text");`,
    diagnostic: /^TS2345$/,
  },
  ...[
    ["a verifier without replay protection", `{ keys: "text" }`],
    ["a verifier with a misspelt option", `{ keys: "text", store, guard: store }`],
    ["a verifier with a guard and a store", `{ keys: "text", store, replay: createReplayGuard({ store }) }`],
    [
      "a guard for events without an id",
      `{ unsealer: createUnsealer({ keys: "", schema }), replay: createReplayGuard({ store }) }`,
    ],
    ["a store for events without an id", `{ unsealer: createUnsealer({ keys: "", schema }), store }`],
    [
      "a fallback of another version",
      `{ unsealer: createUnsealer({ keys: "", version: "v4" }), store, fallback: v3 }`,
    ],
  ].map(([title = "", options]) => ({
    title,
    code: `import { createUnsealer, type StandardSchema } from "@unseal/sealed-results";
import { createEventsClient } from "@unseal/sealed-results/events-api";
import { createReplayGuard, memoryStore } from "@unseal/sealed-results/replay";
import { createVerifier } from "@unseal/sealed-results/verify";
declare const schema: StandardSchema<{ visitor: string }>;
export const [store, v3] = [memoryStore(), createEventsClient({ secretKey: "text", version: "v3" })];
export const unused = [createUnsealer, createReplayGuard, schema];
createVerifier(${options});`,
    diagnostic: /^TS(?:2345|2322|2353|2769|2561)$/,
  })),
  {
    title: "a module that is not exported",
    code: `export * from "@unseal/sealed-results/src/unseal/keyring";`,
    diagnostic: /^TS2307$/,
  },
];

for (const [compilerName, compiler] of Object.entries(COMPILERS)) {
  test(`${compilerName} refuses what the declarations forbid`, needs(absence(compiler)), async () => {
    const sources = Object.fromEntries(REFUSED.map(({ code }, place) => [`refused-${place}.ts`, code]));
    const lines = await compile(compiler, { lib: DOM, consumers: [] }, "nodenext, exact", sources);
    for (const [place, { title, diagnostic }] of REFUSED.entries()) {
      const found = lines.filter((line) => line.startsWith(`refused-${place}.ts(`));
      assert.equal(found.length, 1, `${title}: ${found.join("\n")}`);
      assert.match(/error (TS\d+)/.exec(found[0] ?? "")?.[1] ?? "", diagnostic, title);
    }
    assert.equal(lines.length, REFUSED.length, lines.join("\n"));
  });
}

function consumersOf({ consumers }: Environment): Record<string, string> {
  return Object.fromEntries(consumers.map((name) => [`${name}.ts`, sourceOf(name)]));
}

/** The source of a consumer, with the package's name in place of the paths to the project's files. */
function sourceOf(name: string): string {
  if (name === "modules") {
    return consumer.modules.map((module, place) => `export * as module${place} from "${module}";\n`).join("");
  }
  return readFileSync(join(ROOT, "tests/types/consumer", `${name}.ts`), "utf8")
    .replaceAll(`"../../../mod.ts"`, `"${PACKAGE_NAME}"`)
    .replaceAll(/"\.\.\/\.\.\/\.\.\/src\/([\w-]+)\/mod\.ts"/g, `"${PACKAGE_NAME}/$1"`);
}
