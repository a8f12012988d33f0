/**
 * The complete proxy of the soak test. `/report` returns the ids of the events and the counts of errors by code since the
 * last request for `/report`.
 *
 * @module
 */

import { createUnsealer, type FingerprintEvent } from "../../../mod.ts";
import { summarize } from "../../../src/event/mod.ts";
import { createFingerprintProxy } from "../../../src/proxy/mod.ts";

const report: { events: (string | undefined)[]; errors: Record<string, number> } = { events: [], errors: {} };

let proxy: ((request: Request, context: unknown) => Promise<Response>) | undefined;

export default {
  async fetch(request: Request, env: { readonly UPSTREAM: string }, context: unknown): Promise<Response> {
    if (new URL(request.url).pathname === "/report") {
      const response = Response.json(report);
      Object.assign(report, { events: [], errors: {} });
      return response;
    }
    proxy ??= createFingerprintProxy<FingerprintEvent, unknown>({
      mountPath: "/metrics",
      proxySecret: "a-proxy-secret",
      unsealer: createUnsealer({ keys: new Uint8Array(32).fill(1) }),
      onEvent: (event) => report.events.push(summarize(event).id),
      onError: (error) => {
        const { code = "none" } = error as { code?: string };
        report.errors[code] = (report.errors[code] ?? 0) + 1;
      },
      baseUrl: env.UPSTREAM,
      maxRequestBytes: 256 * 1024,
      maxResponseBytes: 256 * 1024,
    });
    return await proxy(request, context);
  },
};
