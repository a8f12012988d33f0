/**
 * The client's address, where the platform itself gives it.
 *
 * A header counts only where the platform sets it and clients cannot: elsewhere any client can send it.
 *
 * @module
 */

interface Runtime {
  readonly navigator?: { readonly userAgent?: string };
  readonly fastly?: unknown;
  readonly Deno?: unknown;
  readonly Bun?: unknown;
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** What servers give beside a request, as far as it has the client's address. */
type ServerContext =
  | {
    /** Deno, and `nodeListener` of `./node-http`. */
    readonly remoteAddr?: { readonly hostname?: string };
    /** Bun. */
    requestIP?(request: Request): { readonly address?: string } | null;
    /** Fastly. */
    readonly client?: { readonly address?: string };
    /** `@hono/node-server`. */
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  }
  | null
  | undefined;

type AddressFinder = (request: Request, context: ServerContext) => string | null | undefined;

/** Finds the client's address on this platform; `undefined` where the platform does not give it. */
export function platformAddress(): ((request: Request, context: unknown) => string | null | undefined) | undefined {
  const find = finderOf(globalThis as Runtime);
  // The members of ServerContext are optional, and read from objects and functions alone.
  return find && ((request, context) => find(request, Object(context) as ServerContext));
}

function finderOf(runtime: Runtime): AddressFinder | undefined {
  if (runtime.fastly !== undefined) return (_, context) => context?.client?.address;
  if (runtime.navigator?.userAgent === "Cloudflare-Workers") return cloudflareAddress;
  if (runtime.Deno !== undefined) return (_, context) => context?.remoteAddr?.hostname;
  if (runtime.Bun !== undefined) return (request, context) => context?.requestIP?.(request)?.address;
  if (runtime.process?.versions?.node !== undefined) {
    return (_, context) => context?.remoteAddr?.hostname ?? context?.incoming?.socket?.remoteAddress;
  }
  return undefined;
}

/** With Pseudo IPv4 set to overwrite headers, `CF-Connecting-IP` has a made-up IPv4 address for a client with IPv6. */
function cloudflareAddress({ headers }: Request): string | null {
  const address = headers.get("cf-connecting-ip");
  const isPseudo = address !== null && headers.get("cf-pseudo-ipv4") === address;
  return isPseudo ? headers.get("cf-connecting-ipv6") ?? address : address;
}

/** An address as a header's value: IPv4 in IPv6, as sockets that serve both give it, becomes IPv4. `undefined` if it is none. */
export function headerAddress(address: unknown): string | undefined {
  if (typeof address !== "string" || !/^[0-9A-Fa-f:.]{2,45}$/.test(address)) return undefined;
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
