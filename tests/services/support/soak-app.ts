/**
 * The application of the soak test: a complete proxy below `/metrics`, and an endpoint at `/login`. `/report` returns
 * the ids of the proxy's events and the counts of its errors by code since the last request for `/report`.
 *
 * @module
 */

import { createUnsealer, type FingerprintEvent } from "../../../mod.ts";
import { summarize } from "../../../src/event/mod.ts";
import { createSealedResultHandler } from "../../../src/handler/mod.ts";
import { createFingerprintProxy } from "../../../src/proxy/mod.ts";
import { memoryStore } from "../../../src/replay/mod.ts";

const MAX_BODY_BYTES = 256 * 1024;

const report: { events: (string | undefined)[]; errors: Record<string, number> } = { events: [], errors: {} };
const unsealer = createUnsealer({ keys: new Uint8Array(32).fill(1) });

const login = createSealedResultHandler({
  unsealer,
  store: memoryStore(),
  maxBodyBytes: MAX_BODY_BYTES,
  onEvent: (_event, { summary: { id } }) => Response.json({ event_id: id }),
});
let proxy: ((request: Request, context: unknown) => Promise<Response>) | undefined;

export default {
  async fetch(request: Request, env: { readonly UPSTREAM: string }, context: unknown): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/login") return await login(request);
    if (pathname === "/report") {
      const response = Response.json(report);
      Object.assign(report, { events: [], errors: {} });
      return response;
    }
    proxy ??= createFingerprintProxy<FingerprintEvent, unknown>({
      mountPath: "/metrics",
      proxySecret: "a-proxy-secret",
      unsealer,
      onEvent: (event) => report.events.push(summarize(event).id),
      onError: (error) => {
        const { code = "none" } = error as { code?: string };
        report.errors[code] = (report.errors[code] ?? 0) + 1;
      },
      baseUrl: env.UPSTREAM,
      maxRequestBytes: MAX_BODY_BYTES,
      maxResponseBytes: MAX_BODY_BYTES,
    });
    return await proxy(request, context);
  },
};
