import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { EVENT } from "./support/open-responses.ts";
import { seenBy } from "./support/seen.ts";
import { RUNTIMES } from "./support/servers.ts";
import { release, startUpstream, testOn, untilHeld } from "./support/serving.ts";

const CLIENTS = 8;

const upstream = startUpstream();

/** Sends a request; `received` settles with the first bytes of the answer. */
function request(url: string): { socket: Socket; received: Promise<void> } {
  const { port, pathname, search } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1", () => {
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  });
  const received = new Promise<void>((resolve, reject) => {
    // Each body is a JSON object, so its first byte is a brace.
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (/\r\n\r\n[^]*\{/.test(text)) resolve();
    });
    socket.on("error", reject).on("close", () => reject(new Error("The proxy closed the connection")));
  });
  received.catch(() => {}); // ignored by tests that reset the connection before the first byte
  return { socket, received };
}

for (const runtime of RUNTIMES) {
  const test = testOn(runtime, "tests/services/support/proxy-app.ts", upstream);
  for (const how of ["how=held", "how=held-pieces", "how=whole", "how=chunked"]) {
    for (const length of ["", "&length"]) {
      test(`a client that resets after the first byte does not hide its event (${how}${length})`, async (proxy) => {
        const clients = Array.from({ length: CLIENTS }, () => request(`${proxy.url}/?${how}${length}`));
        await Promise.all(clients.map(async ({ socket, received }) => {
          await received;
          socket.resetAndDestroy();
        }));
        await release(upstream);
        assert.deepEqual(await seenBy(proxy, CLIENTS), { events: Array(CLIENTS).fill(EVENT), errors: [] });
      });
    }
  }

  test("a client that resets before the upstream's headers does not hide its event", async (proxy) => {
    const clients = Array.from({ length: CLIENTS }, () => request(`${proxy.url}/?how=late`));
    await untilHeld(upstream, CLIENTS);
    for (const { socket } of clients) socket.resetAndDestroy();
    await release(upstream);
    assert.deepEqual(await seenBy(proxy, CLIENTS), { events: Array(CLIENTS).fill(EVENT), errors: [] });
  });
}
