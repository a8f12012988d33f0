/**
 * The client's address behind proxies that report it in a header.
 *
 * @module
 */

import { checkedOptions } from "../checked-options.ts";
import { wrongType } from "../options.ts";
import { readAddress } from "./address.ts";
import { isHeaderName } from "./headers.ts";

/** Which entry of a header has the client's address. */
export interface FromHeaderOptions {
  /**
   * How many proxies in front of this server are yours, or your platform's, and add an entry to the header: a whole
   * number from 1. 1 by default. The entry that the outermost of them added is the client's. Entries to the left of it
   * are from the client, which can write any address there.
   */
  readonly hops?: number | undefined;
}

/**
 * Creates a function that reads the client's address from a header, for `clientAddress` of the proxy and for `claims`.
 *
 * Use it only where your own proxy, or the platform, sets the header on every request. Elsewhere any client can send it.
 *
 * @param name The header: `x-forwarded-for` of most load balancers, `x-real-ip` of nginx and Vercel,
 * `cloudfront-viewer-address`. A header with a single value has one hop.
 * @param options.hops See {@linkcode FromHeaderOptions}.
 * @returns A function that returns the address without brackets, port and zone; an entry that is not an address, as it
 * is, so that the module that checks it can report the reason; `undefined` when the header has no such entry.
 * @throws {TypeError | RangeError} When a parameter is invalid.
 *
 * @example Behind one load balancer
 * ```ts
 * import { fromHeader } from "@unseal/sealed-results/proxy";
 * import assert from "node:assert/strict";
 *
 * const clientAddress = fromHeader("x-forwarded-for", { hops: 1 });
 * const headers = { "x-forwarded-for": "192.0.2.66, [2001:db8::1]:51234" }; // the client has sent 192.0.2.66
 * assert.equal(clientAddress(new Request("https://example.com/", { headers })), "2001:db8::1");
 * ```
 */
export function fromHeader(
  name: string,
  options: FromHeaderOptions = {},
): (request: { readonly headers: { get(name: string): string | null } }) => string | undefined {
  if (!isHeaderName(name)) throw wrongType("name", "the name of a header", name);
  const { hops = 1 } = checkedOptions(options, { hops: 1 });
  if (!(Number.isInteger(hops) && hops >= 1)) throw new RangeError("hops must be a whole number from 1");
  return (request) => {
    // Counted from the end, where the trusted proxies add their entries: a client controls how many others there are.
    const entry = request.headers.get(name)?.split(",").at(-hops)?.trim();
    const address = readAddress(entry);
    return "fault" in address ? entry : address.text;
  };
}
