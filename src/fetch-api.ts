/**
 * Recognising the objects of the Fetch API, also when they come from another realm or a polyfill.
 *
 * @module
 */

/** Whether `value` is like a `Request`, and not only like an event of a framework that has `Headers` too (h3). */
export function isRequest(value: unknown): value is Request {
  const request = value as Partial<Request> | null | undefined;
  return typeof request?.method === "string" && typeof request.headers?.get === "function" &&
    typeof request.text === "function";
}

/** Whether `value` has what is read from a `Response`. */
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
