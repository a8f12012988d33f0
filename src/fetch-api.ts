/**
 * Recognises `Request` and `Response` objects, including those of another realm or a polyfill.
 *
 * @module
 */

/**
 * Whether `value` has the members of a `Request` that are used here. An event of h3, which has `Headers` too, has not.
 */
export function isRequest(value: unknown): value is Request {
  const request = value as Partial<Request> | null | undefined;
  return typeof request?.method === "string" && typeof request.headers?.get === "function" &&
    typeof request.text === "function";
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
