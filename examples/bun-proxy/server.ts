/**
 * A Fingerprint proxy on Bun: `bun server.ts`.
 *
 * @module
 */

import { createUnsealer } from "@unseal/sealed-results";
import { createFingerprintProxy } from "@unseal/sealed-results/proxy";

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

/** Bun serves this; it passes the server, which knows the client's address, to `fetch`. */
export default { port: process.env["PORT"] ?? 8080, fetch: proxy };
