/** The likely causes of a refusal. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createUnsealer, type KeyInput, type SealedResult, UnsealError } from "../../mod.ts";
import { CAUSES } from "../../src/diagnose/causes.ts";
import { diagnose, type Diagnosis, type DiagnosisCode, findSealed } from "../../src/diagnose/mod.ts";
import { concat, fromBase64, toBase64, utf8 } from "../support/bytes.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { runs } from "../support/runs.ts";
import { key, nobleCipher, sealCompressed, sealText } from "../support/seal.ts";
import { type Provocation, PROVOCATIONS } from "./provocations.ts";
import { needsGlobals } from "../support/web.ts";

function diagnoseAll({ sealed, keys, cipher }: Provocation): Promise<Diagnosis[]> {
  if (keys !== undefined) return diagnose(sealed, keys.value, nobleCipher);
  return cipher === undefined ? diagnose(sealed) : diagnose(sealed, SAMPLE_KEY, cipher);
}

async function codesOf(...given: Parameters<typeof diagnose>): Promise<DiagnosisCode[]> {
  return (await diagnose(...given)).map(({ code }) => code);
}

for (const provocation of PROVOCATIONS) {
  const { code, title, subject } = provocation;
  test(`diagnose() finds ${code} in ${title}`, async () => {
    const found = await diagnoseAll(provocation);
    assert.deepEqual(found.map(({ code, subject }) => ({ code, subject })), [{ code, subject }]);
    assert.equal(found[0]?.message, CAUSES[code]);
  });

  if (subject !== "sealed" || code === "LOOKS_RIGHT" || code === "CONTENT") continue;
  test(`unseal() refuses what ${code} is found in: ${title}`, async () => {
    const unsealer = createUnsealer({ keys: SAMPLE_KEY, cipher: nobleCipher });
    const error = await unsealer.unseal(provocation.sealed as SealedResult).then(() => undefined, (error) => error);
    assert.ok(error instanceof UnsealError, "was accepted");
  });
}

test("every diagnosis is provoked", () => {
  const provoked = new Set(PROVOCATIONS.map(({ code }) => code));
  assert.deepEqual(Object.keys(CAUSES).filter((code) => !provoked.has(code as DiagnosisCode)), []);
});

test("createUnsealer() refuses every key that diagnose() finds a mistake in", () => {
  for (const { keys, title, code } of PROVOCATIONS) {
    if (keys === undefined || !code.startsWith("KEY")) continue;
    const create = () => createUnsealer({ keys: keys.value as KeyInput, cipher: nobleCipher });
    assert.throws(create, { code: "ERR_KEY" }, title);
  }
});

test("diagnose() finds no cause in a sealed result and keys of each form that unseal() accepts", async () => {
  const bytes = fromBase64(SAMPLE_SEALED);
  const url = SAMPLE_SEALED.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const wrapped = SAMPLE_SEALED.replace(/.{76}/g, "$&\r\n");
  const indented = SAMPLE_SEALED.replace(/.{76}/g, "$&\n    ");
  const forms = [SAMPLE_SEALED, url, wrapped, indented, ` ${SAMPLE_SEALED}\n\f`, bytes, bytes.buffer];
  for (const sealed of forms) {
    assert.deepEqual(await diagnose(sealed), []);
    assert.deepEqual(await diagnose(sealed, SAMPLE_KEY, nobleCipher), []);
    assert.deepEqual(await codesOf(sealed, new Uint8Array(32), nobleCipher), ["LOOKS_RIGHT"]);
  }
  const raw = fromBase64(SAMPLE_KEY);
  const keys = [SAMPLE_KEY, `${SAMPLE_KEY}\n`, SAMPLE_KEY.slice(0, -1), raw, raw.buffer, { id: "a", key: raw }];
  for (const value of [...keys, keys]) assert.deepEqual(await diagnose(SAMPLE_SEALED, value, nobleCipher), []);
});

test("diagnose() has the core's notion of whitespace", async () => {
  for (const blank of ["\ufeff", "\u00a0", "\u2028", "\u3000", "\v"]) {
    for (const text of [`${SAMPLE_SEALED}${blank}`, `${blank}${SAMPLE_SEALED}`]) {
      assert.deepEqual(await codesOf(text, SAMPLE_KEY, nobleCipher), ["SEALED_SURROUNDED"], escape(blank));
    }
    assert.deepEqual(await codesOf(SAMPLE_SEALED, `${SAMPLE_KEY}${blank}`, nobleCipher), ["KEY_SURROUNDED"]);
  }
});

test("diagnose() says of what it found whether a key fits", async () => {
  const form = `sealedResult=${encodeURIComponent(SAMPLE_SEALED)}`;
  const found: DiagnosisCode[] = ["SEALED_PERCENT", "SEALED_SURROUNDED"];
  assert.deepEqual(await codesOf(form, SAMPLE_KEY, nobleCipher), found);
  assert.deepEqual(await codesOf(form, new Uint8Array(32), nobleCipher), [...found, "LOOKS_RIGHT"]);
  assert.equal((await diagnose(form))[0]?.start, 13);
  const other = toBase64(sealText("no event", fromBase64(SAMPLE_KEY)));
  assert.deepEqual(await codesOf(` "${other}"`, SAMPLE_KEY, nobleCipher), ["SEALED_SURROUNDED", "CONTENT"]);
});

test("diagnose() does not call a sealed result cut that a key fits, whatever its length", async () => {
  // A stored block (RFC 1951 §3.2.4) of 731 bytes leads to 768 bytes, and to 1024 characters without padding.
  const json = utf8(`${'{"event_id":"1.a","timestamp":1}'.padEnd(731)}`);
  const text = toBase64(sealCompressed(concat([1, 731 & 255, 731 >> 8, ~731 & 255, ~731 >> 8 & 255], json), key(1)));
  assert.equal(text.length, 1024);
  assert.deepEqual(await codesOf(text, key(1), nobleCipher), []);
  for (const cut of [text, `${text}\n`, `\n ${text}`]) {
    assert.deepEqual(await codesOf(cut), ["SEALED_CUT"]);
    assert.deepEqual(await codesOf(cut, key(2), nobleCipher), ["SEALED_CUT"]);
  }
  assert.deepEqual(await codesOf(`"${text.slice(0, 300)}…`), ["SEALED_CUT", "SEALED_SURROUNDED"]);
});

test("findSealed() leaves out half a byte at the end, and takes no padded text for cut", () => {
  assert.equal(findSealed(SAMPLE_SEALED.slice(0, 801))[0]?.sealed, SAMPLE_SEALED.slice(0, 800));
  assert.equal(findSealed(`${SAMPLE_SEALED.slice(0, 510)}==`)[0]?.isCut, false);
});

test("diagnose() tries each extent of what it found", async () => {
  const unpadded = SAMPLE_SEALED.replace(/=+$/, "");
  assert.deepEqual(await codesOf(`${unpadded}\nRegards`, SAMPLE_KEY, nobleCipher), ["SEALED_SURROUNDED"]);
});

test("findSealed() reads no further in an object than its limit", () => {
  assert.deepEqual(findSealed({ list: new Array(100_000).fill(1), sealed: SAMPLE_SEALED }), []);
});

test("findSealed() reads at most some millions of characters in all", () => {
  const replace = String.prototype.replace;
  let read = 0;
  String.prototype.replace = function (this: string, ...given: never[]) {
    read += this.length;
    return Reflect.apply(replace, this, given) as string;
  };
  try {
    findSealed("noXc7S%25\\u005c&amp;=3D\n> \u200b".repeat(1000));
  } finally {
    String.prototype.replace = replace;
  }
  assert.ok(read < 8_000_000, String(read));
});

test("diagnose() lists the causes of all its arguments", async () => {
  const found = await diagnose("", [undefined, SAMPLE_KEY, "short"], {});
  assert.deepEqual(found.map(({ code, subject }) => [code, subject]), [
    ["SEALED_EMPTY", "sealed"],
    ["KEY_UNSET", "keys[0]"],
    ["KEY_NOT_BASE64", "keys[2]"],
    ["CIPHER", "cipher"],
  ]);
});

test("diagnose() leaves a diagnosis unproven when the cipher fails", async () => {
  const failing = { importKey: () => fail(), decrypt: () => fail() };
  const rejecting = {
    importKey: () => Promise.reject(new Error("down")),
    decrypt: () => Promise.reject(new Error("down")),
  };
  for (const cipher of [failing, rejecting]) {
    assert.deepEqual(await codesOf(SAMPLE_SEALED, SAMPLE_KEY, cipher), ["LOOKS_RIGHT"]);
  }
});

function fail(): never {
  throw new Error("visitor content");
}

test("diagnose() recognises the runtime's own classes", async () => {
  const { Request, Response, Blob, ReadableStream, crypto } = globalThis;
  if (typeof Response === "function") {
    assert.equal((await diagnose(new Response("x")))[0]?.code, "SEALED_UNREAD");
    assert.equal((await diagnose(new Request("https://a.example")))[0]?.code, "SEALED_UNREAD");
  }
  if (typeof Blob === "function") assert.equal((await diagnose(new Blob(["x"])))[0]?.code, "SEALED_UNREAD");
  if (typeof ReadableStream === "function") {
    assert.equal((await diagnose(new ReadableStream()))[0]?.code, "SEALED_UNREAD");
  }
  // Fastly's engine has no decrypt, and imports no AES keys.
  if (crypto?.subtle?.decrypt === undefined) return;
  assert.equal((await diagnose(SAMPLE_SEALED, SAMPLE_KEY, crypto))[0]?.code, "CIPHER");
  assert.equal((await diagnose(SAMPLE_SEALED, SAMPLE_KEY, crypto.subtle))[0]?.code, "CIPHER");
  // Fastly's engine imports no keys for AES-GCM.
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new Uint8Array(32), hmac, false, ["sign"]);
  assert.equal((await diagnose(SAMPLE_SEALED, key))[0]?.code, "KEY_TYPE");
  assert.equal((await diagnose(SAMPLE_SEALED, { key }))[0]?.code, "KEY_TYPE");
});

test("diagnose() reads hostile values without an exception", async () => {
  const fails = fail;
  const trap = new Proxy({}, { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails });
  const { proxy: revoked, revoke } = Proxy.revocable([], {});
  const cycle: { key: unknown } = { key: undefined };
  cycle.key = cycle;
  const getter = Object.defineProperty({}, "sealedResult", { get: fails });
  const called = Object.assign(() => {}, { key: undefined as unknown });
  called.key = called;
  const list = (length: unknown): unknown => new Proxy([], { get: (_, name) => name === "length" ? length : fails() });
  const bytes = Object.defineProperty(new Uint8Array(40), "length", { get: fails });
  const buffer = Object.defineProperty(new ArrayBuffer(40), "byteLength", { get: fails });
  revoke();
  const lists = [list(Symbol("x")), list({ valueOf: fails }), list(1n), list("2"), list(NaN), list(-1), list(2.5)];
  const own = [called, { key: called }, bytes, buffer, { key: bytes }, ...lists];
  const values = [
    trap,
    cycle,
    ...own,
    getter,
    Symbol("x"),
    1n,
    NaN,
    Object.create(null),
    [[[]]],
    new Array(2 ** 32 - 1),
  ];
  for (const value of values) {
    const calls = [diagnose(value), diagnose(SAMPLE_SEALED, value), diagnose(SAMPLE_SEALED, SAMPLE_KEY, value)];
    for (const found of await Promise.all(calls)) {
      assert.ok(found.length > 0);
      for (const { code, message } of found) assert.equal(message, CAUSES[code]);
    }
  }
  await diagnose(revoked, revoked, revoked);
});

test("diagnose() treats detached bytes as empty", needsGlobals("structuredClone"), async () => {
  const bytes = new Uint8Array(40);
  const { buffer } = bytes;
  structuredClone(buffer, { transfer: [buffer] });
  for (const detached of [bytes, buffer]) {
    assert.deepEqual(await codesOf(detached, detached), ["SEALED_EMPTY", "KEY_UNSET"]);
  }
});

test("findSealed() searches only the surroundings of noXc7 in text of over 64 Ki characters", async () => {
  const long = "a".repeat(1024 * 1024);
  const [found] = findSealed(`${long}"${SAMPLE_SEALED}"${long}`);
  assert.deepEqual([found?.sealed, found?.start], [SAMPLE_SEALED.replace(/=+$/, ""), long.length + 1]);
  for (const value of [long, utf8(long), new Uint8Array(1024 * 1024)]) {
    assert.deepEqual(findSealed(value), []);
    assert.deepEqual(await codesOf(value), ["SEALED_TOO_LARGE"]);
  }
});

test("diagnose() returns constant sentences for every value, and never rejects", async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), fc.anything(), fc.anything(), async (sealed, keys, cipher) => {
      for (const { code, message } of await diagnose(sealed, keys, cipher)) assert.equal(message, CAUSES[code]);
    }),
    { numRuns: runs(500) },
  );
});

test("findSealed() returns at most 16 places within its limits for any mixture of encodings", () => {
  const parts = [
    "noXc7S",
    "noXc7",
    "%25",
    "\\u005c",
    "&amp;",
    "=3D",
    "\n> ",
    " ",
    "+",
    "\u200b",
    "a".repeat(40),
    "\x9e\x85\xdc\xed",
    "0x9e, ",
    "158,",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 2000 }), (chosen) => {
      const found = findSealed(chosen.join(""));
      assert.ok(found.length <= 16);
      for (const { undone } of found) assert.ok(undone.length <= 7);
    }),
    { numRuns: runs(50) },
  );
});
