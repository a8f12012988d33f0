import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createByteBuffer } from "../../src/http/buffer.ts";
import { concat } from "../support/bytes.ts";
import { runs } from "../support/runs.ts";

test("createByteBuffer() copies chunks, and drops them when the next one does not fit", () => {
  const buffer = createByteBuffer(8);
  const chunk = new Uint8Array(4).fill(1);
  assert.ok(buffer.append(chunk));
  chunk.fill(9);
  assert.ok(buffer.append(new Uint8Array(4).fill(2)));
  assert.ok(!buffer.append(new Uint8Array(1)));
  assert.deepEqual([...buffer.take()], []);
  assert.ok(buffer.append(new Uint8Array(8).fill(3)));
  assert.deepEqual([...buffer.take()], [3, 3, 3, 3, 3, 3, 3, 3]);
});

test("createByteBuffer() returns the appended bytes, for chunks of any size", () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 0, max: 200_000 }).map((length) => new Uint8Array(length).fill(length)),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 30 }), fc.nat(5), (chunks, spare) => {
      const whole = concat(...chunks);
      const buffer = createByteBuffer(whole.length + spare);
      for (const each of chunks) assert.ok(buffer.append(each));
      const taken = buffer.take();
      assert.equal(taken.length, whole.length);
      assert.ok(taken.every((byte, index) => byte === whole[index]));
    }),
    { numRuns: runs(100) },
  );
});

test("createByteBuffer() allocates at most twice its limit, for chunks of any size", () => {
  const sizes = fc.oneof(
    fc.constant([1]),
    fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: runs(600_000) }), sizes, (most, chunkSizes) => {
      const maxBytes = Math.min(most, 5_000 * chunkSizes[0]!); // a single byte at a time takes minutes
      const chunks = chunkSizes.map((size) => new Uint8Array(size));
      const allocated = allocations(() => {
        const buffer = createByteBuffer(maxBytes);
        let length = 0;
        for (let next = 0; length < maxBytes; next++) {
          const chunk = chunks[next % chunks.length]!.subarray(0, maxBytes - length); // the index is in range
          assert.ok(buffer.append(chunk));
          length += chunk.length;
        }
        assert.equal(buffer.take().length, maxBytes);
      });
      const total = allocated.reduce((sum, length) => sum + length, 0);
      assert.ok(total <= 2 * maxBytes, `${total} bytes for ${maxBytes}`);
    }),
    { numRuns: runs(50) },
  );
});

test("createByteBuffer() allocates one array for a large chunk, and little before bytes arrive", () => {
  const allocatedFor = (count: number, bytes: number): readonly number[] => {
    const chunk = new Uint8Array(bytes);
    return allocations(() => {
      const buffer = createByteBuffer(10_000_000);
      for (let i = 0; i < count; i++) assert.ok(buffer.append(chunk));
      buffer.take();
    });
  };
  assert.deepEqual(allocatedFor(1, 100_000), [100_000]);
  assert.deepEqual(allocatedFor(1, 1), [1024, 1]);
  const segments = allocatedFor(500, 1000).slice(0, -1);
  assert.ok(Math.max(...segments) <= 64 * 1024, `${segments}`);
  assert.ok(segments.length < 20, `${segments}`);
});

/** The lengths of the arrays that are constructed during `run`, including arrays that were collected since. */
function allocations(run: () => void): readonly number[] {
  const { Uint8Array } = globalThis;
  const allocated: number[] = [];
  globalThis.Uint8Array = new Proxy(Uint8Array, {
    construct(target, [length]: [number]) {
      allocated.push(length);
      return new target(length);
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = Uint8Array;
  }
  return allocated;
}
