/** The address of a client that resets its connection at once, on the servers of Node. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { serve } from "@hono/node-server";
import { nodeListener } from "../../src/node-http/mod.ts";
import { createFingerprintProxy, type ProxyError } from "../../src/proxy/mod.ts";
import { until } from "../support/web.ts";

const CLIENTS = 20;

type Proxy = (request: Request, context: unknown) => Promise<Response>;

const SERVERS: Readonly<Record<string, (proxy: Proxy) => Server>> = {
  "@hono/node-server": (proxy) => serve({ fetch: proxy, hostname: "127.0.0.1", port: 0 }) as Server,
  "nodeListener()": (proxy) => createServer(nodeListener(proxy)).listen(0, "127.0.0.1"),
};

for (const [name, start] of Object.entries(SERVERS)) {
  test(`On ${name}, createFingerprintProxy() knows a client that resets at once if the server has read its address`, async () => {
    const addresses: (string | null)[] = [];
    const codes: string[] = [];
    const proxy = createFingerprintProxy({
      mountPath: "/metrics",
      proxySecret: () => Promise.resolve("secret"),
      fetch: (_url, { headers }) => {
        addresses.push(new Headers(headers).get("fpjs-proxy-client-ip"));
        return Promise.resolve(new Response("{}"));
      },
      onError: (error) => codes.push((error as ProxyError).code), // The proxy itself reports nothing else.
    });
    const server = start(proxy);
    if (!server.listening) await once(server, "listening");
    server.on("connection", (socket) => void socket.remoteAddress);
    const { port } = server.address() as AddressInfo; // it listens on TCP
    try {
      for (let client = 0; client < CLIENTS; client++) {
        const isAccepted = once(server, "connection");
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        await Promise.all([once(socket, "connect"), isAccepted]);
        socket.write("POST /metrics/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
        // After the bytes were sent, and before the server, which runs in this process, reads them.
        setImmediate(() => socket.resetAndDestroy());
        await once(socket, "close");
      }
      await until(() => addresses.length + codes.length === CLIENTS);
      assert.deepEqual(codes, []);
      assert.deepEqual(new Set(addresses), new Set(["127.0.0.1"]));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}
