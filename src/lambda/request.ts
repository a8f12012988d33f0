/**
 * Converts the event of an invocation to a `Request`.
 *
 * @see AWS: "Lambda proxy integrations in API Gateway", "Payload format version" of HTTP APIs, "Invoking Lambda function
 * URLs", and "Lambda functions as targets" of Elastic Load Balancing
 * @module
 */

import { decodeBase64 } from "../encoding/base64.ts";
import { isRecord, text } from "../event/fields.ts";
import { fromHeader } from "../http/from-header.ts";
import { checkMethod, makeUrl, UnusableRequest } from "../http/request-url.ts";

/** The second argument of `handle`. */
export interface LambdaContext {
  /**
   * The client, or the last proxy in front of AWS, in the form of `Deno.serve`. `hostname` is the address that API
   * Gateway or the function URL reports; behind an Application Load Balancer, the entry of `X-Forwarded-For` that the
   * load balancer appends. `port` is unknown.
   */
  readonly remoteAddr: { readonly hostname: string | undefined; readonly port: undefined };
  /** Registers work that must end before Lambda stops the function: the response waits for it. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** The event, for what a `Request` cannot have, such as the claims of an authorizer. */
  readonly event: unknown;
  /** Lambda's own context. */
  readonly invocation: unknown;
}

/** Which service made the event. Its response must have the matching form. */
export type EventSource = "api-v1" | "api-v2" | "load-balancer";

/** The parts of an event that are used here. AWS sets their types; the values are the client's. */
export interface HttpEvent {
  readonly source: EventSource;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly hasMultiValueHeaders: boolean;
  readonly sourceIp: string | undefined;
  readonly domainName: string | undefined;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
}

/** The address of a load balancer's client, which only a header has. */
const forwardedFor = /* @__PURE__ */ fromHeader("x-forwarded-for");

/**
 * Reads an event.
 *
 * @throws {TypeError} When it is not that of a request.
 */
export function readEvent(event: unknown): HttpEvent {
  const { requestContext, ...given } = fieldsOf(event);
  const { http, elb, identity, domainName } = fieldsOf(requestContext);
  const isV2 = isRecord(http);
  const method = text(isV2 ? http["method"] : given["httpMethod"]);
  if (method === undefined || !isRecord(requestContext)) {
    throw new TypeError(
      "lambdaHandler(handle) must be invoked by API Gateway, a function URL or an Application Load Balancer",
    );
  }
  const source = isV2 ? "api-v2" : elb !== undefined ? "load-balancer" : "api-v1";
  return {
    source,
    method,
    path: text(isV2 ? given["rawPath"] : given["path"]) ?? "/",
    query: isV2 ? text(given["rawQueryString"]) ?? "" : queryOf(given, source),
    headers: headersOf(given),
    hasMultiValueHeaders: isRecord(given["multiValueHeaders"]),
    sourceIp: text(isV2 ? http["sourceIp"] : fieldsOf(identity)["sourceIp"]),
    domainName: text(domainName),
    body: text(given["body"]),
    isBase64Encoded: given["isBase64Encoded"] === true,
  };
}

/** The address of the client. */
export function addressOf(event: HttpEvent): string | undefined {
  return event.source === "load-balancer" ? forwardedFor(event) : event.sourceIp;
}

/**
 * Creates a `Request`.
 *
 * @throws {UnusableRequest} When the event cannot be a `Request`.
 */
export function makeRequest({ headers, query, ...event }: HttpEvent): Request {
  const method = checkMethod(event.method);
  const isPlain = event.source === "load-balancer" && headers.get("x-forwarded-proto") === "http";
  const host = headers.get("host") ?? event.domainName ?? "localhost";
  // API Gateway decodes some paths.
  const path = event.path.replace(/[?#]/g, encodeURIComponent);
  const url = makeUrl(
    isPlain ? "http" : "https",
    host,
    query === "" ? path : `${path}?${query.replaceAll("#", "%23")}`,
  );
  const body = /^(get|head)$/i.test(method) ? undefined : event.body;
  if (body === undefined) return new Request(url, { method, headers });
  const bytes = event.isBase64Encoded ? decodeBase64(body) : body;
  if (bytes === undefined) throw new UnusableRequest(400, "Cannot read request: its body is not base64");
  return new Request(url, { method, headers, body: typeof bytes === "string" ? bytes : new Uint8Array(bytes) });
}

/** All headers, from either form. An invocation from AWS's console may have `null`. */
function headersOf(event: Readonly<Record<string, unknown>>): Headers {
  const headers = new Headers();
  for (const [name, value] of entriesOf(event["multiValueHeaders"] ?? event["headers"])) append(headers, name, value);
  const { cookies } = event;
  if (Array.isArray(cookies)) append(headers, "cookie", cookies.join("; "));
  return headers;
}

/** Leaves out what a `Request` cannot have: AWS has already accepted it. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    // The value is malformed.
  }
}

/** The query of an event that has it parsed. A load balancer leaves the values encoded, and a REST API decodes them. */
function queryOf(event: Readonly<Record<string, unknown>>, source: EventSource): string {
  const encode = source === "load-balancer" ? (text: string) => text : encodeURIComponent;
  return entriesOf(event["multiValueQueryStringParameters"] ?? event["queryStringParameters"])
    .map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

/** The names and values of an object with values, or lists of values. */
function entriesOf(fields: unknown): [name: string, value: string][] {
  return Object.entries(fieldsOf(fields)).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "string")
      .map((each): [string, string] => [name, each])
  );
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
