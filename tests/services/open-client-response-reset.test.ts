import assert from "node:assert/strict";
import { EVENT } from "./support/open-responses.ts";
import { type OpenRequest, openRequest } from "./support/raw-request.ts";
import { seenBy } from "./support/seen.ts";
import { type RunningServer, RUNTIMES } from "./support/servers.ts";
import { release, startUpstream, testOn, untilHeld } from "./support/serving.ts";

const CLIENTS = 8;

const upstream = startUpstream();

function request(proxy: RunningServer, query: string): OpenRequest {
  return openRequest(proxy.url, `GET /?${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
}

for (const runtime of RUNTIMES) {
  const test = testOn(runtime, "tests/services/support/proxy-app.ts", upstream);
  for (const how of ["how=held", "how=held-pieces", "how=whole", "how=chunked"]) {
    for (const length of ["", "&length"]) {
      test(`a client that resets after the first byte does not hide its event (${how}${length})`, async (proxy) => {
        const clients = Array.from({ length: CLIENTS }, () => request(proxy, how + length));
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
    const clients = Array.from({ length: CLIENTS }, () => request(proxy, "how=late"));
    await untilHeld(upstream, CLIENTS);
    for (const { socket } of clients) socket.resetAndDestroy();
    await release(upstream);
    assert.deepEqual(await seenBy(proxy, CLIENTS), { events: Array(CLIENTS).fill(EVENT), errors: [] });
  });
}
