import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request as requestOf } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { fastlyAbsence } from "../runtimes/fastly.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { randomBytes } from "../support/random.ts";
import { toBase64, toHex } from "../support/bytes.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { compileExample, compileSource, servingExample } from "./support/examples.ts";
import { EVENT } from "./support/open-responses.ts";
import { release, startUpstream, untilHeld } from "./support/serving.ts";

const upstream = startUpstream();

/** The forms in which a file contains a key. */
function formsOf(key: Uint8Array, file: string): string[] {
  const bytes = readFileSync(file);
  const forms = { bytes: Buffer.from(key), base64: Buffer.from(toBase64(key)), hex: Buffer.from(toHex(key)) };
  return Object.entries(forms).filter(([, form]) => bytes.includes(form)).map(([name]) => name);
}

test("examples/fastly-compute compiles to a program without its keys, unlike a program with a key in top-level code", async (t) => {
  if (skipIfAbsent(t, fastlyAbsence())) return;
  const folder = temporaryFolder(t);
  const key = randomBytes(32, 7);
  process.env["FINGERPRINT_KEYS"] = toBase64(key);
  try {
    const example = join(folder, "example.wasm");
    await compileExample("examples/fastly-compute/main.ts", example);
    assert.deepEqual(formsOf(key, example), []);
    const careless = join(folder, "careless.wasm");
    await compileSource(
      `import { createUnsealer } from "@unseal/sealed-results";
      const cipher = { importKey: (key) => key, decrypt: () => { throw new Error() } };
      const unsealer = createUnsealer({ keys: ${JSON.stringify(toBase64(key))}, cipher });
      addEventListener("fetch", (event) => event.respondWith(new Response(String(unsealer.usage().length))));`,
      careless,
    );
    assert.deepEqual(formsOf(key, careless), ["bytes", "base64"]);
  } finally {
    delete process.env["FINGERPRINT_KEYS"];
  }
});

test("examples/fastly-compute logs the event of a client that resets its connection", async (t) => {
  await servingExample(t, "fastly-compute", upstream.url, async (example) => {
    for (const how of ["held", "late"]) {
      const request = requestOf(`${example.url}/metrics/?how=${how}`, { method: "POST", agent: false });
      request.on("error", () => {}); // the request is reset below
      request.end("x");
      await untilHeld(upstream, 1);
      request.socket?.resetAndDestroy();
      await release(upstream);
      assert.deepEqual(await example.events(1), [EVENT.event_id], how);
    }
  });
});
