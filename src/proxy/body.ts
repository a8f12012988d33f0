/**
 * The body of a request to Fingerprint: streamed, up to a limit.
 *
 * @module
 */

import { isUint8Array } from "../encoding/bytes.ts";
import { ProxyError } from "./errors.ts";
import { canSendBody } from "../http/methods.ts";

/** A body that streams. */
export interface BoundedBody {
  readonly stream: ReadableStream<Uint8Array> | null;
  /** The error that ended a stream over the limit. */
  fault(): ProxyError | undefined;
}

const NO_BODY: BoundedBody = { stream: null, fault: () => undefined };

/**
 * Bounds a request's body. The body of a `GET` or `HEAD` is dropped.
 *
 * A body whose `content-length` is within the limit is passed on unchanged: the server ends it at that length, and the
 * runtime can send it with its length. Any other body is counted as it streams.
 *
 * @param abort Called when the stream fails. Otherwise workerd would end the body as if it were complete.
 * @throws {ProxyError} `ERR_PROXY_TOO_LARGE` when the declared length is over the limit, `ERR_PROXY_BODY` when the body
 * was read.
 */
export function boundBody(request: Request, maxBytes: number, abort: () => void): BoundedBody {
  const { body } = request;
  if (request.bodyUsed || body?.locked) {
    throw new ProxyError(
      "ERR_PROXY_BODY",
      "Cannot forward request: other code has read its body. Call the proxy first, or with request.clone()",
    );
  }
  if (body === null || body === undefined) return NO_BODY;
  if (!canSendBody(request)) {
    body.cancel().catch(() => {});
    return NO_BODY;
  }
  const declared = request.headers.get("content-length") ?? "";
  // A server that accepts both headers ignores the length (RFC 9112 §6.3).
  if (/^[0-9]{1,15}$/.test(declared) && !request.headers.has("transfer-encoding")) {
    if (Number(declared) <= maxBytes) return { stream: body, fault: () => undefined };
    body.cancel().catch(() => {});
    throw tooLarge();
  }
  return countBody(body, maxBytes, abort);
}

function countBody(body: ReadableStream<unknown>, maxBytes: number, abort: () => void): BoundedBody {
  const reader = body.getReader();
  let length = 0;
  let fault: ProxyError | undefined;

  async function readChunk(): Promise<Uint8Array | undefined> {
    const { done, value: chunk } = await reader.read();
    if (done) return undefined;
    if (!isUint8Array(chunk)) throw new TypeError("Request body must be a stream of bytes");
    length += chunk.length;
    if (length <= maxBytes) return chunk;
    fault = tooLarge();
    reader.cancel().catch(() => {});
    throw fault;
  }

  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const chunk = await readChunk();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      } catch (error) {
        controller.error(error);
        abort();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return { stream, fault: () => fault };
}

function tooLarge(): ProxyError {
  return new ProxyError("ERR_PROXY_TOO_LARGE", "Cannot forward request: its body is over maxRequestBytes");
}
