/**
 * One response, on its way to the client and to the application.
 *
 * @module
 */

import { parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import type { FingerprintEvent } from "../event/event.ts";
import { isRecord, read } from "../event/fields.ts";
import { summarize } from "../event/summary.ts";
import { bodyCodingOf } from "../http/content-coding.ts";
import { canHaveBody, servedResponse } from "../http/served-response.ts";
import { checkMethods } from "../options.ts";
import { report } from "../report.ts";
import { copyStream } from "./copy.ts";
import { OpenClientResponseError } from "./errors.ts";
import type { CheckedOptions, ResponseErrorDetails } from "./options.ts";

/** A response for the client, and the parallel work, which never rejects. */
export interface Forwarded {
  readonly response: Response;
  readonly work: Promise<unknown>;
}

/** A request, and the server's context. */
export interface Origin<Context> {
  readonly request: Request;
  readonly context: Context;
}

/**
 * Forwards a response, and opens it in parallel.
 *
 * @throws {TypeError} When its body was read.
 */
export function forwardResponse<Event, Context>(
  upstream: Response,
  options: CheckedOptions<Event, Context>,
  origin: Origin<Context>,
): Forwarded {
  const { status, body } = upstream;
  if (upstream.bodyUsed || body?.locked) throw new TypeError("upstream must have a body that was not read");
  if (!upstream.ok || body === null || !canHaveBody(status)) {
    return { response: servedResponse(upstream), work: Promise.resolve() };
  }
  if (bodyCodingOf(upstream.headers.get("content-encoding")) === "encoded") {
    const message = "Cannot read response: fetch() does not decode its content coding";
    const error = new OpenClientResponseError("ERR_RESPONSE_ENCODING", message);
    return { response: servedResponse(upstream), work: report(options.onError, error, origin) };
  }
  const { stream, copy } = copyStream(body, options);
  return { response: servedResponse(upstream, stream), work: deliver(copy, options, origin) };
}

/** Opens the event in the copy and passes it to the application. The promise never rejects. */
async function deliver<Event, Context>(
  copy: Promise<Uint8Array>,
  options: CheckedOptions<Event, Context>,
  origin: Origin<Context>,
): Promise<void> {
  const { onEvent, onBytes } = options;
  let known: ResponseErrorDetails<Context> = origin;
  try {
    const sealed = sealedResultIn(await copy);
    if (sealed === undefined) return;
    const method = onEvent !== undefined ? "open" : "openBytes";
    const unsealer = typeof options.unsealer === "function"
      ? checkMethods("the unsealer for a response", await options.unsealer(origin.request, origin.context), method)
      : options.unsealer;
    if (onEvent !== undefined) {
      const { event, keyId, bytes } = await unsealer.open(sealed);
      // Of a schema's output with another shape, the summary is empty.
      const details = { ...origin, summary: summarize(event as FingerprintEvent), bytes, keyId, source: SEALED };
      known = details;
      await onEvent(event, details);
    } else if (onBytes !== undefined && unsealer.openBytes !== undefined) { // Both are checked.
      const { keyId, bytes } = await unsealer.openBytes(sealed);
      const details = { ...origin, bytes, keyId, source: SEALED };
      known = details;
      await onBytes(bytes, details);
    }
  } catch (error) {
    await report(options.onError, error, known);
  }
}

const SEALED = "sealed" as const;

/** The sealed result in the body of an open response; `undefined` when the body has no sealed result. */
function sealedResultIn(body: Uint8Array): string | undefined {
  const content = parseJson(decodeUtf8(body) ?? "");
  if (!isRecord(content)) {
    throw new OpenClientResponseError("ERR_RESPONSE_JSON", "Cannot read response: not a JSON object");
  }
  for (const name of ["sealedResult", "sealed_result"]) {
    const sealed = read(content, name) ?? null;
    if (typeof sealed === "string") return sealed;
    if (sealed !== null) {
      throw new OpenClientResponseError("ERR_RESPONSE_SHAPE", "Cannot read response: its sealed result is not text");
    }
  }
  return undefined;
}
