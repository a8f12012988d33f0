/**
 * The proxy of the tests. `/seen` returns the events and the codes of errors since the last request for `/seen`; other
 * requests go to the upstream.
 *
 * @module
 */

import { createUnsealer } from "../../../mod.ts";
import { createResponseOpener, type ResponseOpener } from "../../../src/open-client-response/mod.ts";

const seen: { events: unknown[]; errors: (string | undefined)[] } = { events: [], errors: [] };

let forward: ResponseOpener | undefined;

export default {
  async fetch(
    request: Request,
    env: { readonly UPSTREAM: string },
    context: unknown,
  ): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/seen") {
      return Response.json({ events: seen.events.splice(0), errors: seen.errors.splice(0) });
    }
    forward ??= createResponseOpener({
      unsealer: createUnsealer({ keys: new Uint8Array(32).fill(1) }),
      maxBodyBytes: 1024 * 1024,
      onEvent: (event) => seen.events.push(event),
      onError: (error) => seen.errors.push((error as { code?: string }).code),
    });
    // Accepts only the codings that every runtime decodes. The promise is not awaited, so that the whole exchange is in
    // waitUntil.
    const upstream = fetch(`${env.UPSTREAM}/${search}`, {
      headers: { "accept-encoding": "gzip, br" },
      redirect: "manual",
    });
    return await forward(upstream, request, context);
  },
};
