/**
 * The complete proxy of the tests, mounted on `/metrics`. `/seen` returns the events and the codes of errors since the last
 * request for `/seen`.
 *
 * @module
 */

import { createUnsealer, type FingerprintEvent } from "../../../mod.ts";
import { createFingerprintProxy } from "../../../src/proxy/mod.ts";

const seen: { events: unknown[]; errors: (string | undefined)[] } = { events: [], errors: [] };

let proxy: ((request: Request, context: unknown) => Promise<Response>) | undefined;

export default {
  async fetch(request: Request, env: { readonly UPSTREAM: string }, context: unknown): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/seen") return Response.json({ events: seen.events.splice(0), errors: seen.errors.splice(0) });
    // Created at the first request, because workerd refuses random numbers and promises outside of a request.
    proxy ??= createFingerprintProxy<FingerprintEvent, unknown>({
      mountPath: "/metrics",
      agentPaths: { download: "/agent", result: "/result" },
      proxySecret: "a-proxy-secret",
      unsealer: createUnsealer({ keys: new Uint8Array(32).fill(1) }),
      onEvent: (event) => seen.events.push(event),
      onError: (error) => seen.errors.push((error as { code?: string }).code),
      baseUrl: (region) => region === "us" ? env.UPSTREAM : `http://127.0.0.1:1`,
      maxResponseBytes: 1024 * 1024,
      timeoutMs: 60_000,
    });
    return await proxy(request, context);
  },
};
