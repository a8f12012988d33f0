/**
 * The gate on Node: `node server.ts`.
 *
 * @module
 */

import { nodeListener } from "@unseal/sealed-results/node-http";
import { memoryStore } from "@unseal/sealed-results/replay";
import { createServer } from "node:http";
import { createGate } from "./gate.ts";

const gate = createGate({
  keys: process.env["FINGERPRINT_KEY"] ?? "",
  store: memoryStore(), // several processes need a shared store
  origin: process.env["ORIGIN"] ?? "",
});

createServer(nodeListener((request, { remoteAddr }) => gate(request, remoteAddr.hostname)))
  .listen(Number(process.env["PORT"] ?? 8080));
