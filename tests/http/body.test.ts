import assert from "node:assert/strict";
import fc from "fast-check";
import { BodyError, readBody } from "../../src/http/body.ts";
import { withTimeLimit } from "../../src/http/time-limit.ts";
import { concat } from "../support/bytes.ts";
import { runs } from "../support/runs.ts";
import { needsGlobals, portable as test, source, streamOf } from "../support/web.ts";

const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);

function refused(reason: BodyError["reason"]): (error: unknown) => boolean {
  return (error) => error instanceof BodyError && error.reason === reason && error.name === "BodyError";
}

test.web("readBody() returns the bytes of a body in chunks of any size", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 })), async (chunks) => {
      const whole = concat(...chunks);
      const read = await readBody(source(streamOf(chunks.map((chunk) => chunk.slice()))), whole.length);
      assert.deepEqual([...read], [...whole]);
    }),
    { numRuns: runs(100) },
  );
});

test.any("readBody() returns no bytes for a missing body, and refuses a body that is not a stream", async () => {
  assert.equal((await readBody({ body: null, headers: { get: () => null } }, 0)).length, 0);
  // In Firefox, `body` of a request is undefined even if the request has a body.
  const hidden = { body: undefined as unknown as null, headers: { get: () => null } };
  await assert.rejects(readBody(hidden, 10), refused("unreadable"));
});

test.web("readBody() accepts as many bytes as the limit, and refuses one more", async () => {
  assert.equal((await readBody(source(streamOf([bytes(60), bytes(40)])), 100)).length, 100);
  await assert.rejects(readBody(source(streamOf([bytes(60), bytes(41)])), 100), refused("too-large"));
  await assert.rejects(readBody(source(streamOf([bytes(1)])), 0), refused("too-large"));
});

test.web("readBody() stops reading an endless body at the limit, and cancels it", async () => {
  let sent = 0;
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 10;
      controller.enqueue(bytes(10));
    },
    cancel: () => {
      cancelled = true;
    },
  });
  await assert.rejects(readBody(source(endless), 1000), refused("too-large"));
  assert.ok(cancelled);
  assert.ok(sent <= 1030, `${sent} bytes were sent`);
});

test.web("readBody() refuses a body that declares too much before reading it, and ignores every other content-length", async () => {
  const read = (declared: string, length: number, encoding?: string): Promise<Uint8Array> => {
    const headers = {
      "content-length": declared,
      ...(encoding === undefined ? {} : { "content-encoding": encoding }),
    };
    return readBody(source(streamOf([bytes(length)]), headers), 100);
  };
  await assert.rejects(read("101", 1), refused("too-large"));
  await assert.rejects(read("5", 101), refused("too-large"));
  await assert.rejects(read("-1", 101), refused("too-large"));
  for (const declared of ["1", "100", "", "many", "1e9", "-5", "0x7f", "101, 101"]) {
    assert.equal((await read(declared, 100)).length, 100, declared);
  }
  // The content-length of an encoded body counts the encoded bytes, and fetch() returns the decoded ones.
  assert.equal((await read("120", 100, "gzip")).length, 100);
});

test.web("readBody() refuses a body that breaks off, was read before or does not consist of bytes as unreadable", async () => {
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(bytes(5));
      controller.error(new Error("the secret of the connection"));
    },
  });
  await assert.rejects(readBody(source(broken), 100), (error) => {
    assert.ok(error instanceof BodyError);
    assert.equal(error.cause, undefined);
    assert.ok(!String(error.stack).includes("secret"));
    return error.reason === "unreadable";
  });
  const locked = streamOf([bytes(1)]);
  locked.getReader();
  await assert.rejects(readBody(source(locked), 100), refused("unreadable"));
  const read = new Response("read before");
  await read.text();
  await assert.rejects(readBody(read, 100), refused("unreadable"));
  const text = streamOf(["text"]) as unknown as ReadableStream<Uint8Array>; // a stream does not check its chunks
  await assert.rejects(readBody(source(text), 100), refused("unreadable"));
});

const streams = needsGlobals("ReadableStream");
test.any("readBody() ends when chunks are empty without end, or define a length of their own", streams, async () => {
  const headers = { get: () => null };
  const empty = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(0)) });
  await assert.rejects(readBody({ body: empty, headers }, 10), { reason: "unreadable" });
  const lying = new ReadableStream({
    pull: (controller) => controller.enqueue(Object.defineProperty(new Uint8Array(9), "length", { value: -9 })),
  });
  await assert.rejects(readBody({ body: lying, headers }, 10), { reason: "too-large" });
});

test.web("readBody() rejects with the error of its promise, before or while it reads", async () => {
  let cancelled = 0;
  const stalled = (): ReadableStream<Uint8Array> =>
    new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}), cancel: () => void cancelled++ });
  const reason = new Error("the time is up");
  let end = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(reason);
  });
  const reading = readBody(source(stalled()), 100, ended);
  end();
  await assert.rejects(reading, (error) => error === reason);
  await assert.rejects(readBody(source(stalled()), 100, ended), (error) => error === reason);
  assert.equal(cancelled, 2);
});

test.web("withTimeLimit() settles as the work does, or rejects at its time limit", async () => {
  const expired = (): Error => new RangeError("expired");
  assert.equal(await withTimeLimit(60_000, expired, () => Promise.resolve(7)), 7);
  const late = () => new Promise((resolve) => setTimeout(resolve, 20, 7));
  assert.equal(await withTimeLimit(Infinity, expired, late), 7);
  await assert.rejects(withTimeLimit(60_000, expired, () => Promise.reject(new TypeError("work"))), TypeError);
  await assert.rejects(withTimeLimit(1, expired, () => new Promise(() => {})), RangeError);
  await assert.rejects(withTimeLimit(1, expired, (ended) => ended), RangeError);
});
