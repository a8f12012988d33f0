/**
 * Reads a request's body into memory within a limit.
 *
 * @module
 */

/** Returns the body, or `undefined` as soon as it has more than `maxBytes`; the rest is not read. */
export async function readAtMost(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
    length -= chunk.length;
    body.set(chunk, length);
  }
  return body;
}
