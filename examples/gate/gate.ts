/**
 * A gate in front of an origin: it forwards a request that changes something only if the request has the sealed result
 * of a visitor who is no bot. The origin gets the request as it came, and the visitor's id in a header.
 *
 * @module
 */

import type { EventSummary } from "@unseal/sealed-results/event";
import { createSealedResultHandler } from "@unseal/sealed-results/handler";
import type { ReplayStore } from "@unseal/sealed-results/replay";

export interface GateSettings {
  /** The encryption key. */
  readonly keys: string;
  /** Remembers the used results. */
  readonly store: ReplayStore;
  /** The origin's URL, such as `https://origin.shop.example`, without a path. No client may reach it but through here. */
  readonly origin: string;
}

/** The header in which the origin gets the visitor's id. A client that sends it has no effect. */
const VISITOR = "x-visitor-id";

/** Headers that describe the connection to the gate, or that `fetch` sets. */
const OWN_HEADERS = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect", "host"];

/** Creates the gate: a function of a request and the client's address. */
export function createGate(
  { keys, store, origin }: GateSettings,
): (request: Request, ip: string | undefined) => Promise<Response> {
  const handle = createSealedResultHandler({
    keys,
    store,
    field: "fingerprint.sealedResult", // a page posts { …, "fingerprint": { "sealedResult": "…" } }, or a form,
    header: "x-sealed-result", // or any body with this header
    claims: (_request, ip: string | undefined) => ({ ip }),
    onEvent: (_event, { request, body, summary }) =>
      isWelcome(summary)
        ? forward(request, origin, summary.visitorId, body.bytes)
        : new Response(null, { status: 403 }),
    onError: (error) => console.error(error.code, error.message),
  });
  return (request, ip) => /^(get|head)$/i.test(request.method) ? forward(request, origin) : handle(request, ip);
}

/** Only complete events of people pass: neither bots nor AI agents, whatever they call themselves. */
function isWelcome({ complete, bot, botInfo, visitorId }: EventSummary): boolean {
  return complete && bot === "not_detected" && botInfo === undefined && visitorId !== undefined;
}

async function forward(request: Request, origin: string, visitorId?: string, body?: BodyInit): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of (headers.get("connection") ?? "").split(",").concat(OWN_HEADERS)) {
    if (/^[\w-]+$/.test(name.trim())) headers.delete(name.trim());
  }
  // Many servers read `x_visitor_id` as the same header.
  for (const name of [...headers.keys()]) if (name.replaceAll("_", "-") === VISITOR) headers.delete(name);
  if (visitorId !== undefined) headers.set(VISITOR, visitorId);
  headers.set("accept-encoding", "identity"); // fetch would decode the response, and leave its headers unchanged
  try {
    return await fetch(origin + pathname + search, {
      method: request.method,
      headers,
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
    });
  } catch {
    return new Response(null, { status: 502 });
  }
}
