/**
 * The client's address, as the platform itself provides it.
 *
 * A header is used only on platforms that set it themselves and overwrite the client's. Elsewhere any client can send
 * it.
 *
 * @module
 */

import { isWorkerd, type Runtime } from "../http/runtime.ts";

/** The context that servers pass with a request: the parts that have the client's address. */
interface ServerContext {
  /** Deno, and `nodeListener` of `./node-http`. */
  readonly remoteAddr?: { readonly hostname?: string };
  /** Bun. */
  requestIP?(request: Request): { readonly address?: string } | null;
  /** Fastly. */
  readonly client?: { readonly address?: string };
  /** `@hono/node-server`. */
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
}

type AddressFinder = (request: Request, context: ServerContext) => string | null | undefined;

/** Returns a function that finds the client's address; `undefined` on platforms that do not provide the address. */
export function platformAddress(): ((request: Request, context: unknown) => string | null | undefined) | undefined {
  const find = finderOf(globalThis as Runtime);
  // All members of ServerContext are optional, and Object() makes every value an object or function.
  return find && ((request, context) => find(request, Object(context) as ServerContext));
}

function finderOf(runtime: Runtime): AddressFinder | undefined {
  if (runtime.fastly !== undefined) return (_, context) => context.client?.address;
  if (isWorkerd(runtime)) return cloudflareAddress;
  if (runtime.Bun !== undefined) return (request, context) => context.requestIP?.(request)?.address;
  if (runtime.Deno !== undefined || runtime.process?.versions?.node !== undefined) {
    return (_, context) => context.remoteAddr?.hostname ?? context.incoming?.socket?.remoteAddress;
  }
  return undefined;
}

/**
 * With Pseudo IPv4 set to overwrite headers, `CF-Connecting-IP` has a synthetic IPv4 address for a client with IPv6.
 */
function cloudflareAddress({ headers }: Request): string | null {
  const address = headers.get("cf-connecting-ip");
  const isPseudo = address !== null && headers.get("cf-pseudo-ipv4") === address;
  return isPseudo ? headers.get("cf-connecting-ipv6") ?? address : address;
}
