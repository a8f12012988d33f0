/** Secrets: neither the unsealer nor an error contains a key or content. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRaw } from "pako";
import { createUnsealer, type KeyInput, unseal, UnsealError } from "../../mod.ts";
import { toBase64, toHex, utf8 } from "../support/bytes.ts";
import { createTestUnsealer, hasWebCrypto, nobleCipher, sealCompressed, sealText } from "../support/seal.ts";

/** Bytes that do not occur by chance, in any encoding. */
const KEY = Uint8Array.from({ length: 32 }, (_, i) => (i * 151 + 87) & 0xff);
const CONTENT = "visitor-content-4f9c";

/** Parts of the key in every encoding. Six bytes suffice to recognise the key. */
const SPELLINGS: readonly string[] = (() => {
  const spellings = new Set<string>([toBase64(KEY).slice(0, 16)]);
  for (let start = 0; start + 6 <= KEY.length; start++) {
    const piece = KEY.subarray(start, start + 6);
    spellings.add(toHex(piece));
    spellings.add(toHex(piece).toUpperCase());
    spellings.add(toBase64(piece).replaceAll("=", ""));
    for (const separator of [",", ", ", " "]) {
      spellings.add([...piece].join(separator));
      spellings.add([...piece].map((byte) => byte.toString(16).padStart(2, "0")).join(separator));
    }
    spellings.add(String.fromCharCode(...piece));
  }
  return [...spellings];
})();

function assertSilent(what: string, text: string): void {
  for (const spelling of SPELLINGS) assert.ok(!text.includes(spelling), `${what} shows the key`);
  assert.ok(!text.includes(CONTENT) && !text.includes("visitor"), `${what} shows content`);
}

/** Everything that code can read from a value: its text, its JSON, and its own properties, at any depth. */
function everythingOf(value: unknown, seen = new Set<unknown>()): string {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) {
    return String(value);
  }
  seen.add(value);
  const parts = [String(value), typeof value === "function" ? value.toString() : ""];
  try {
    parts.push(JSON.stringify(value) ?? "");
  } catch { /* It has no JSON. */ }
  for (const name of Reflect.ownKeys(value)) {
    parts.push(String(name));
    try {
      parts.push(everythingOf((value as Record<PropertyKey, unknown>)[name], seen));
    } catch { /* The getter throws. */ }
  }
  return parts.join("\n");
}

/** Provokes errors of each code in calls that use the key. */
async function provokedErrors(): Promise<[string, unknown][]> {
  const provoked: [string, unknown][] = [];
  const note = async (attempt: () => unknown) => {
    const error = await Promise.resolve().then(attempt).then(
      () => assert.fail("was accepted"),
      (error: unknown) => error,
    );
    provoked.push([error instanceof UnsealError ? error.code : String(error), error]);
  };
  const cipher = hasWebCrypto ? {} : { cipher: nobleCipher };
  const open = (sealed: unknown, options = {}) => () =>
    createTestUnsealer({ keys: KEY, ...options }).unseal(sealed as string);
  const json = `{"event_id":"${CONTENT}","timestamp":1}`;
  const shape = { "~standard": { version: 1, vendor: "x", validate: () => ({ issues: [{ message: CONTENT }] }) } };

  await note(open(7));
  await note(open(`*${CONTENT}`));
  await note(open(KEY.subarray(0, 31)));
  await note(open(sealText(json, KEY), { maxSealedBytes: 8 }));
  await note(open(new Uint8Array(64)));
  await note(open(sealText(json, KEY).fill(1, 20, 30)));
  await note(open(sealCompressed(utf8(json), KEY)));
  await note(open(sealText(json, KEY), { maxEventBytes: 8 }));
  await note(open(sealCompressed(deflateRaw(Uint8Array.of(...utf8(CONTENT), 0xff)), KEY)));
  await note(open(sealText(`{"${CONTENT}":`, KEY)));
  await note(open(sealText(`{"${CONTENT}":1}`, KEY)));
  await note(open(sealText(json, KEY), { schema: shape }));
  await note(open(sealText(json, KEY), { maxEventBytes: -1 }));
  const badKeys: unknown[] = [
    KEY.subarray(1),
    [...KEY],
    { id: "x", key: KEY.subarray(1) },
    { id: KEY, key: KEY },
    { id: toBase64(KEY), key: "x" },
    `${toBase64(KEY)}*`,
    toBase64(KEY.subarray(1)),
    toHex(KEY),
    [{ id: toBase64(KEY), key: KEY }, { id: toBase64(KEY), key: KEY }],
  ];
  for (const bad of badKeys) {
    await note(() => createUnsealer({ keys: bad as KeyInput, ...cipher }));
    await note(() => unseal(sealText(json, KEY), bad as KeyInput, cipher));
  }
  await note(() =>
    createUnsealer({
      keys: KEY,
      cipher: {
        importKey() {
          throw new Error(toBase64(KEY));
        },
        decrypt: () => KEY,
      },
    })
  );
  return provoked;
}

test("UnsealError shows no key or content, however it is printed", async () => {
  const provoked = await provokedErrors();
  const codes = new Set(provoked.map(([code]) => code));
  for (
    const code of [
      "ERR_SEALED_TYPE",
      "ERR_SEALED_ENCODING",
      "ERR_SEALED_TOO_SHORT",
      "ERR_SEALED_TOO_LARGE",
      "ERR_SEALED_HEADER",
      "ERR_KEY",
      "ERR_NO_KEY_FITS",
      "ERR_DEFLATE",
      "ERR_EVENT_TOO_LARGE",
      "ERR_EVENT_UTF8",
      "ERR_EVENT_JSON",
      "ERR_EVENT_SHAPE",
    ]
  ) assert.ok(codes.has(code), `${code} was provoked`);
  for (const [code, error] of provoked) {
    assertSilent(code, everythingOf(error));
    assert.ok(!Object.hasOwn(error as object, "cause"), `${code} has no cause`);
    if ("structuredClone" in globalThis) assertSilent(code, everythingOf(structuredClone(error)));
  }
});

test("createUnsealer() returns an unsealer that does not show its key, however it is printed", async () => {
  const unsealer = createTestUnsealer({ keys: [KEY, { id: "named", key: toBase64(KEY).replaceAll("=", "") }] });
  assertSilent("the unsealer", everythingOf(unsealer));
  assertSilent("usage()", JSON.stringify(unsealer.usage()));
  await unsealer.unseal(sealText('{"event_id":"x","timestamp":1}', KEY));
  assertSilent("the unsealer after use", everythingOf(unsealer));
  assert.equal(JSON.stringify(unsealer), "{}");
  if ("structuredClone" in globalThis) assert.throws(() => structuredClone(unsealer));
});

test("assertSilent() finds keys and content in any encoding and at any depth", () => {
  for (
    const leak of [{ key: KEY }, { key: toHex(KEY) }, { key: toBase64(KEY) }, new Error(CONTENT), { deep: [{ KEY }] }]
  ) {
    assert.throws(() => assertSilent("the leak", everythingOf(leak)), /shows/);
  }
});
