/**
 * The endpoints of the tests: `/sealed`, `/impatient` with a short `bodyTimeoutMs`, `/guarded` with a replay check.
 * `/seen` returns the counts of events and errors.
 *
 * @module
 */

import { createUnsealer, type FingerprintEvent } from "../../../mod.ts";
import { summarize } from "../../../src/event/mod.ts";
import { createSealedResultHandler } from "../../../src/handler/mod.ts";

/** The number of events that the application received, and of errors by code. */
const seen: { events: number; errors: Record<string, number> } = { events: 0, errors: {} };

const used = new Set<string>();

const PAGE = `<!doctype html><meta charset="utf-8"><title>Page</title>`;

let handlers: Record<string, (request: Request) => Promise<Response>> | undefined;

/** Called at the first request, because workerd refuses random numbers outside of a request. */
function createHandlers(): Record<string, (request: Request) => Promise<Response>> {
  const common = {
    unsealer: createUnsealer({ keys: { id: "test", key: new Uint8Array(32).fill(1) } }),
    onEvent: (event: FingerprintEvent, { keyId, source }: { keyId: string | undefined; source: string }) => {
      seen.events++;
      return Response.json({ id: summarize(event).id, keyId, source });
    },
    onError: (error: { code: string }) => {
      seen.errors[error.code] = (seen.errors[error.code] ?? 0) + 1;
    },
    maxBodyBytes: 64 * 1024,
    bodyTimeoutMs: 60_000,
  };
  return {
    "/sealed": createSealedResultHandler({ ...common, replay: "none" }),
    "/impatient": createSealedResultHandler({ ...common, replay: "none", bodyTimeoutMs: 500 }),
    "/guarded": createSealedResultHandler({
      ...common,
      replay: {
        check(event) {
          const { id = "" } = summarize(event);
          const isNew = !used.has(id);
          used.add(id);
          return isNew
            ? Promise.resolve()
            : Promise.reject(Object.assign(new Error("Event was seen before"), { code: "ERR_REPLAY_SEEN" }));
        },
      },
    }),
  };
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response(PAGE, { headers: { "content-type": "text/html" } });
    if (pathname === "/seen") return Response.json(seen);
    handlers ??= createHandlers();
    return await handlers[pathname]?.(request) ?? new Response(null, { status: 404 });
  },
};
