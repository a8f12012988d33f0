/**
 * Converts a `Response` to the result of an invocation.
 *
 * @module
 */

import { encodeBase64 } from "../encoding/base64.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { deleteConnectionHeaders, deleteHeaders } from "../http/headers.ts";
import type { HttpEvent } from "./request.ts";

/** What Lambda returns to the service that invoked it. Which members it has depends on that service. */
export interface LambdaResponse {
  /** The status. */
  readonly statusCode: number;
  /** The status and its reason phrase, for a load balancer. */
  readonly statusDescription?: string;
  /** The headers, for payload format 2.0 and a load balancer. */
  readonly headers?: Record<string, string>;
  /** The headers, for payload format 1.0 and a load balancer with multi-value headers. */
  readonly multiValueHeaders?: Record<string, string[]>;
  /** The values of `set-cookie`, for payload format 2.0. */
  readonly cookies?: string[];
  /** Text, or base64. */
  readonly body: string;
  /** Whether `body` is base64. */
  readonly isBase64Encoded: boolean;
}

/**
 * Creates the result.
 *
 * @throws {RangeError} When the response has no status from 200 to 599.
 * @throws The error of its body.
 */
export async function makeResponse(event: HttpEvent, response: Response): Promise<LambdaResponse> {
  const { status, statusText } = response;
  if (!(status >= 200 && status <= 599)) {
    throw new RangeError(`handle must return a Response with a status from 200 to 599, got ${status}`);
  }
  const headers = new Headers(response.headers);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Text where possible: a REST API without binaryMediaTypes would send base64 as it is.
  const text = headers.has("content-encoding") ? undefined : decodeUtf8(bytes);
  const body = { body: text ?? encodeBase64(bytes), isBase64Encoded: text === undefined };
  const cookies = headers.getSetCookie();
  deleteConnectionHeaders(headers);
  deleteHeaders(headers, ["set-cookie", "content-length"]); // AWS writes the length.
  const single = Object.fromEntries(headers);
  if (event.source === "api-v2") return { statusCode: status, headers: single, cookies, ...body };
  const multiValueHeaders = {
    ...Object.fromEntries(Object.entries(single).map(([name, value]) => [name, [value]])),
    ...(cookies.length > 0 && { "set-cookie": cookies }),
  };
  if (event.source === "api-v1") return { statusCode: status, multiValueHeaders, ...body };
  return {
    statusCode: status,
    statusDescription: `${status} ${statusText}`.trim(),
    ...(event.hasMultiValueHeaders ? { multiValueHeaders } : { headers: { ...single, ...cookieHeaders(cookies) } }),
    ...body,
  };
}

/** Several cookies for a load balancer that accepts one value for each name: names that differ in case only. */
function cookieHeaders(cookies: readonly string[]): Record<string, string> {
  return Object.fromEntries(cookies.map((cookie, index) => {
    let bits = index;
    const name = "set-cookie".replace(/[a-z]/g, (letter) => {
      const isUpper = (bits & 1) === 1;
      bits >>= 1;
      return isUpper ? letter.toUpperCase() : letter;
    });
    return [name, cookie];
  }));
}
