/** How the opener streams a body to the client while it copies it. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { runs } from "../support/runs.ts";
import { concat, utf8 } from "../support/bytes.ts";
import { streamOf, until } from "../support/web.ts";
import { codes, EVENT, forward, forwardAll, OPEN, test } from "./forward.ts";

test("createResponseOpener() forwards each chunk before the next has arrived", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const { response, events, work } = await forward(new Response(readable));
  const writer = writable.getWriter();
  const reader = response.body!.getReader(); // a 200 with a body
  const bytes = utf8(OPEN);
  for (const [from, to] of [[0, 10], [10, 11], [11, bytes.length]] as const) {
    const written = writer.write(bytes.slice(from, to));
    assert.deepEqual([...(await reader.read()).value ?? []], [...bytes.slice(from, to)]);
    await written;
    assert.equal(events.length, 0);
  }
  await writer.close();
  assert.ok((await reader.read()).done);
  await work;
  assert.equal(events.length, 1);
});

test("createResponseOpener() forwards the same bytes in chunks of any size", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), fc.nat(400), async (chunks, maxBodyBytes) => {
      const whole = concat(...chunks);
      const upstream = new Response(streamOf(chunks.map((chunk) => chunk.slice())));
      const { bytes, errors } = await forwardAll(upstream, { maxBodyBytes });
      assert.deepEqual([...bytes], [...whole]);
      if (whole.length > maxBodyBytes) assert.deepEqual(codes(errors), ["ERR_RESPONSE_TOO_LARGE"]);
      else assert.ok(errors.length <= 1);
    }),
    { numRuns: runs(200) },
  );
});

test("createResponseOpener() streams a body over maxBodyBytes to the client, and keeps no more than maxBodyBytes of it", async () => {
  let sent = 0;
  const total = 1024 * 1000;
  const huge = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 1000;
      controller.enqueue(new Uint8Array(1000).fill(sent / 1000));
      if (sent === total) controller.close();
    },
  }, { highWaterMark: 0 });
  const { response, errors, work } = await forward(new Response(huge), { maxBodyBytes: 10_000 });
  await work;
  assert.deepEqual(codes(errors), ["ERR_RESPONSE_TOO_LARGE"]);
  const reader = response.body!.getReader(); // a 200 with a body
  let received = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) break;
    received += value.length;
    assert.equal(value[0], received / 1000 & 255);
    assert.ok(sent - received <= 13_000, `${sent - received} bytes are held`);
  }
  assert.equal(received, total);
});

test("createResponseOpener() opens the event of a client that does not read", async () => {
  const bytes = utf8(OPEN);
  const chunks = Array.from(bytes, (_, index) => bytes.slice(index, index + 1));
  const { events, work } = await forward(new Response(streamOf(chunks)));
  await work;
  assert.deepEqual(events, [EVENT]);
});

test("createResponseOpener() opens the event of a client that has disconnected", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const { response, events, errors, work } = await forward(new Response(readable));
  const writer = writable.getWriter();
  const bytes = utf8(OPEN);
  writer.write(bytes.slice(0, 20)).catch(() => {});
  const reader = response.body!.getReader(); // a 200 with a body
  await reader.read();
  await reader.cancel("gone");
  await writer.write(bytes.slice(20));
  await writer.close();
  await work;
  assert.deepEqual(errors, []);
  assert.deepEqual(events, [EVENT]);
});

test("createResponseOpener() stops the upstream when the client disconnects before or after the copy is full", async () => {
  for (const isFull of [false, true]) {
    let sent = 0;
    let reason: unknown;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 100;
        controller.enqueue(new Uint8Array(100));
      },
      cancel: (given) => void (reason = given),
    });
    const { response, errors, work } = await forward(new Response(endless), { maxBodyBytes: 1000 });
    if (isFull) await work;
    assert.equal(reason, undefined);
    await response.body?.cancel("gone");
    await work;
    await until(() => reason !== undefined);
    assert.equal(reason, "gone");
    assert.ok(sent <= 2000, `${sent} bytes were taken`);
    assert.deepEqual(codes(errors), ["ERR_RESPONSE_TOO_LARGE"]);
  }
});

test("createResponseOpener() passes an error of the upstream on to the client, and reports it", async () => {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
  const { response, events, errors, work } = await forward(new Response(body));
  const reader = response.body!.getReader(); // a 200 with a body
  controller!.enqueue(utf8(OPEN.slice(0, 100))); // start() has run
  assert.equal((await reader.read()).value?.length, 100);
  const cut = new TypeError("terminated");
  controller!.error(cut);
  await assert.rejects(reader.read(), (error) => error === cut);
  await work;
  assert.deepEqual([codes(errors), events], [["ERR_RESPONSE_CUT"], []]);
});

test("createResponseOpener() ends the copy after bodyTimeoutMs, and the upstream too if the client has disconnected", async () => {
  for (const isGone of [false, true]) {
    let isStopped = false;
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
      cancel: () => void (isStopped = true),
    });
    const { response, errors, work } = await forward(new Response(body), { bodyTimeoutMs: 20 });
    const reader = response.body!.getReader(); // a 200 with a body
    controller!.enqueue(utf8("{")); // start() has run
    assert.equal((await reader.read()).value?.length, 1);
    if (isGone) await reader.cancel();
    await work;
    assert.deepEqual(codes(errors), ["ERR_RESPONSE_TIMEOUT"]);
    if (isGone) {
      await until(() => isStopped);
    } else {
      controller!.enqueue(utf8("}")); // not cancelled
      controller!.close();
      assert.equal((await reader.read()).value?.length, 1);
      assert.ok((await reader.read()).done);
      assert.equal(isStopped, false);
    }
  }
});
