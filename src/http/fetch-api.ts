/**
 * Recognises `Request` and `Response` objects, including those of another realm or a polyfill.
 *
 * @module
 */

/**
 * Whether `value` has the members of a `Request` that are used here. An event of h3, which has `Headers` too, has not.
 */
function isRequest(value: unknown): value is Request {
  const request = value as Partial<Request> | null | undefined;
  return typeof request?.method === "string" && typeof request.headers?.get === "function" &&
    typeof request.text === "function";
}

/**
 * Returns `value` if it is a `Request`.
 *
 * @throws {TypeError} Synchronously: Express 4 would ignore a rejected promise, and its client would wait for ever.
 */
export function checkRequest(value: unknown): Request {
  if (isRequest(value)) return value;
  throw new TypeError(
    `request must be a Request, got ${kindOf(value)}. With Express, Fastify, Koa, Nest or node:http use ` +
      "nodeListener(handle) of @unseal/sealed-results/node-http; with Hono pass context.req.raw",
  );
}

/** Whether `value` has the members of a `Response` that are used here. */
export function isResponse(value: unknown): value is Response {
  const response = value as Partial<Response> | null | undefined;
  return typeof response?.status === "number" && typeof response.headers?.has === "function";
}

/** Names the class of an object, or the type of another value; never the value. */
export function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  const { name } = (Object.getPrototypeOf(value)?.constructor ?? {}) as { name?: unknown };
  return typeof name === "string" && /^\w{1,40}$/.test(name) ? `an object of class ${name}` : "an object";
}
