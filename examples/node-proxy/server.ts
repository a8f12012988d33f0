/**
 * A Fingerprint proxy on Node: `node server.ts`.
 *
 * @module
 */

import { createUnsealer } from "@unseal/sealed-results";
import { nodeListener } from "@unseal/sealed-results/node-http";
import { createFingerprintProxy } from "@unseal/sealed-results/proxy";
import { createServer } from "node:http";

const proxy = createFingerprintProxy({
  mountPath: "/metrics",
  agentPaths: { download: "/agent", result: "/result" },
  proxySecret: process.env["FINGERPRINT_PROXY_SECRET"] ?? "",
  unsealer: createUnsealer({ keys: (process.env["FINGERPRINT_KEYS"] ?? "").split(",") }),
  onEvent: (_event, { summary }) => console.log(`event ${summary.id}`),
  onError: (error) => console.error(error),
  // For tests: the origin that replaces Fingerprint.
  baseUrl: process.env["FINGERPRINT_UPSTREAM"],
});

// The listener passes the address of the connection, and `waitUntil`, to the proxy.
const server = createServer(nodeListener(proxy));
// Node remembers the address. Later it is unknown, if the client has reset the connection.
server.on("connection", (socket) => void socket.remoteAddress);
server.listen(Number(process.env["PORT"] ?? 8080));
