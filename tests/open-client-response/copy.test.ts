import assert from "node:assert/strict";
import { copyStream } from "../../src/open-client-response/copy.ts";
import { testWith, webStreams } from "../support/web.ts";

const test = testWith(webStreams);

/** A source that refuses a read while another one is pending, as workerd's streams do. */
function oneReadAtATime(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  let isReading = false;
  const reader = {
    cancel: () => Promise.resolve(),
    read: async () => {
      if (isReading) throw new TypeError("This ReadableStream only supports a single pending read request at a time.");
      isReading = true;
      await new Promise((resolve) => setTimeout(resolve, 5));
      isReading = false;
      const value = chunks.shift();
      return { done: value === undefined, value };
    },
  };
  // copyStream() calls only getReader().
  return { getReader: () => reader } as unknown as ReadableStream<Uint8Array>;
}

test("copyStream() has one pending read of its source, even when its reader cancels", async () => {
  const source = oneReadAtATime([1, 2, 3, 4].map((byte) => Uint8Array.of(byte)));
  const { stream, copy } = copyStream(source, { maxBodyBytes: 10, bodyTimeoutMs: Infinity });
  const reader = stream.getReader();
  assert.deepEqual((await reader.read()).value, Uint8Array.of(1));
  const pending = reader.read();
  await reader.cancel();
  await pending;
  assert.deepEqual([...await copy], [1, 2, 3, 4]);
});

test("copyStream() refuses chunks that are not bytes", async () => {
  for (const chunk of ["text", undefined, new ArrayBuffer(1)]) {
    const source = new ReadableStream<unknown>({
      start: (controller) => {
        controller.enqueue(chunk);
        controller.close();
      },
    });
    const { stream, copy } = copyStream(source, { maxBodyBytes: 10, bodyTimeoutMs: Infinity });
    await assert.rejects(copy, { code: "ERR_RESPONSE_CUT" });
    await assert.rejects(stream.getReader().read(), TypeError);
  }
});
