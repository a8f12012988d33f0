/** Unsealing at the end of the stack: no sealed result is refused for it, and nothing stays broken. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSyncUnsealer, createUnsealer, type SyncCipher, UnsealError } from "../../mod.ts";
import { inflateRaw } from "../../src/inflate/mod.ts";
import { nodeCipher } from "../../src/node-cipher/mod.ts";
import { randomNumbers } from "../support/random.ts";
import { key, nobleCipher, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const SMALL = sealEvent(EVENT, key(1));
/** Its stream does not fit into the decoder's first scratch, which is replaced for it and released after it. */
const noise = randomNumbers(1);
const LARGE = sealEvent({ ...EVENT, tags: Array.from({ length: 60_000 }, () => noise(1e9)) }, key(1));

/** Codes that would blame the sealed result or the key. */
const isBlamed = (error: unknown) =>
  error instanceof UnsealError && error.code !== "ERR_CIPHER" && error.code !== "ERR_RUNTIME";

/**
 * Calls `attempt` in each of the deepest frames of a recursion, from the last one that the stack can hold upwards, until
 * it has succeeded several times.
 *
 * @param padding Shifts where in `attempt` the stack ends.
 * @returns What the attempts threw.
 */
function atTheEnd(attempt: () => void, padding: readonly number[]): unknown[] {
  const thrown: unknown[] = [];
  let successes = 0;
  function dive(...rest: readonly number[]): void {
    try {
      dive(...rest);
    } catch {
      // The stack ends here.
    }
    if (successes >= 5) return;
    try {
      attempt();
      successes++;
    } catch (error) {
      thrown.push(error);
    }
  }
  dive(...padding);
  assert.equal(successes, 5);
  return thrown;
}

const ciphers: readonly (readonly [string, SyncCipher])[] = [
  ["nodeCipher()", nodeCipher()],
  ["a cipher of one's own", nobleCipher as SyncCipher],
];

const rounds = Array.from({ length: 12 }, (_, length) => Array.from({ length }, (_, place) => place));

// First, because the decoder must not have been used before.
test("open() at the end of the stack leaves a decoder that was never used intact", () => {
  const unsealer = createSyncUnsealer({ keys: key(1), cipher: nodeCipher() });
  const thrown = atTheEnd(() => unsealer.open(LARGE), []);
  assert.ok(thrown.length > 0);
  assert.deepEqual(thrown.filter(isBlamed), []);
  assert.deepEqual(unsealer.unseal(SMALL), EVENT);
});

for (const [name, cipher] of ciphers) {
  for (const [size, sealed] of [["small", SMALL], ["large", LARGE]] as const) {
    test(`open() with ${name} at the end of the stack blames no ${size} sealed result, and opens the next`, () => {
      const unsealer = createSyncUnsealer({ keys: [key(2), key(1)], cipher });
      for (const padding of sealed === SMALL ? rounds : rounds.slice(0, 4)) {
        const thrown = atTheEnd(() => unsealer.open(sealed), padding);
        assert.ok(thrown.length > 0);
        assert.deepEqual(thrown.filter(isBlamed), []);
        assert.deepEqual(unsealer.unseal(SMALL), EVENT);
        assert.equal(unsealer.open(LARGE).event.event_id, EVENT.event_id);
      }
    });
  }
}

/** Its own handler of rejections overflows, and ends the process with exit code 7. */
const NODE_20_0 = process.version.startsWith("v20.0.")
  ? { skip: "Node 20.0 does not survive a rejection at the end of the stack" }
  : {};

test(
  "open() with WebCrypto at the end of the stack blames no sealed result, and opens the next",
  NODE_20_0,
  async () => {
    const unsealer = createUnsealer({ keys: [key(2), key(1)] });
    await unsealer.open(SMALL);
    for (const padding of rounds) {
      const opening: Promise<unknown>[] = [];
      const thrown = atTheEnd(() => void opening.push(unsealer.open(SMALL)), padding);
      const ended = await Promise.allSettled(opening);
      const rejected = ended.flatMap((end) => end.status === "rejected" ? [end.reason as unknown] : []);
      assert.deepEqual([...thrown, ...rejected].filter(isBlamed), []);
      assert.deepEqual(await unsealer.unseal(SMALL), EVENT);
    }
  },
);

test("open() with a schema at the end of the stack blames no sealed result", () => {
  const validate = (value: unknown) => ({ value: JSON.parse(JSON.stringify(value)) as typeof EVENT });
  const schema = { "~standard": { version: 1 as const, vendor: "x", validate } };
  const unsealer = createSyncUnsealer({ keys: key(1), cipher: nodeCipher(), schema });
  for (const padding of rounds) assert.deepEqual(atTheEnd(() => unsealer.open(SMALL), padding).filter(isBlamed), []);
});

test("inflateRaw() at the end of the stack throws the engine's own error, and inflates the next stream", () => {
  const stored = Uint8Array.of(1, 2, 0, 253, 255, 104, 105);
  for (const padding of rounds) {
    for (const error of atTheEnd(() => inflateRaw(stored), padding)) assert.equal((error as Error).name, "RangeError");
    assert.deepEqual(inflateRaw(stored), Uint8Array.of(104, 105));
  }
});
