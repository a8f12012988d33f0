/**
 * An application that fetches the event of a posted id, and returns the event or the error.
 *
 * @module
 */

import { createEventsClient, EventsApiError, type EventsClientOptions } from "../../../src/events-api/mod.ts";

interface Call {
  readonly options: EventsClientOptions;
  readonly id: string;
  /** Whether to pass `globalThis.fetch`, unbound, as the option `fetch`. */
  readonly unbound?: boolean;
  readonly abortAfterMs?: number;
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { options, id, unbound, abortAfterMs } = await request.json() as Call;
    const client = createEventsClient({ ...options, ...(unbound && { fetch: globalThis.fetch }) });
    const controller = new AbortController();
    if (abortAfterMs !== undefined) setTimeout(() => controller.abort(), abortAfterMs);
    try {
      return Response.json({ event: await client.getEvent(id, { signal: controller.signal }) });
    } catch (error) {
      if (!(error instanceof EventsApiError)) return Response.json({ crash: String(error) });
      const { name: _, ...properties } = error;
      const printed = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      return Response.json({ error: properties, printed });
    }
  },
};
