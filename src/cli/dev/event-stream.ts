/**
 * Server-sent events for the page. A page that connects late gets what was sent before.
 *
 * @module
 */

/** How many events a page gets that connects late. */
const MAX_KEPT = 50;

export interface EventStream {
  /** The response for a page. */
  open(): Response;
  send(data: object): void;
}

export function createEventStream(): EventStream {
  const kept: Uint8Array[] = [];
  const readers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  return {
    open() {
      let reader: ReadableStreamDefaultController<Uint8Array>;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          reader = controller;
          readers.add(reader);
          reader.enqueue(new TextEncoder().encode(": unseal dev\n\n")); // so that the headers are sent at once
          for (const chunk of kept) reader.enqueue(chunk);
        },
        cancel: () => void readers.delete(reader),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
    },
    send(data) {
      const chunk = new TextEncoder().encode(`data: ${JSON.stringify(data)}\n\n`);
      kept.push(chunk);
      kept.splice(0, Math.max(0, kept.length - MAX_KEPT));
      for (const reader of readers) reader.enqueue(chunk);
    },
  };
}
