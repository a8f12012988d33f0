/**
 * A Fingerprint proxy on Vercel, as middleware of the project: it answers every request under `/metrics`.
 *
 * @module
 */

import { createUnsealer } from "@unseal/sealed-results";
import { createFingerprintProxy, fromHeader } from "@unseal/sealed-results/proxy";

const proxy = createFingerprintProxy({
  mountPath: "/metrics",
  agentPaths: { download: "/agent", result: "/result" },
  proxySecret: process.env["FINGERPRINT_PROXY_SECRET"] ?? "",
  unsealer: createUnsealer({ keys: (process.env["FINGERPRINT_KEYS"] ?? "").split(",") }),
  onEvent: (_event, { summary }) => console.log(`event ${summary.id}`),
  onError: (error) => console.error(error),
  // Vercel sets this header, and overwrites what a client sends.
  clientAddress: fromHeader("x-real-ip"),
  // For tests: the origin that replaces Fingerprint.
  baseUrl: process.env["FINGERPRINT_UPSTREAM"],
});

/** The paths that Vercel calls the middleware for. */
export const config: { readonly matcher: string } = { matcher: "/metrics/:path*" };

/** Answers a request; the context has `waitUntil`. */
export default proxy;
