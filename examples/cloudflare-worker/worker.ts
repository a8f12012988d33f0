/**
 * A Cloudflare Worker that stands between the pages of a site and Fingerprint: it forwards what the agent sends, returns
 * the open response as it is, and hands the event that is sealed in it to a queue.
 *
 * @module
 */

import { createUnsealer, type FingerprintEvent, type Unsealer } from "@unseal/sealed-results";
import { forwardOpenClientResponse } from "@unseal/sealed-results/open-client-response";

interface Env {
  /** Where Fingerprint is, by region: `https://api.fpjs.io`, `https://eu.api.fpjs.io` or `https://ap.api.fpjs.io`. */
  readonly FINGERPRINT_URL: string;
  /** The path that this Worker is mounted on, such as `/metrics`, or nothing. */
  readonly MOUNT_PATH?: string;
  /** A secret. The proxy secret of the dashboard: without it there is no open response. */
  readonly FINGERPRINT_PROXY_SECRET: string;
  /** A secret. The encryption key that is active in the dashboard. */
  readonly FINGERPRINT_KEY: string;
  /** A secret, while keys are rotated: the other key. */
  readonly FINGERPRINT_OTHER_KEY?: string;
  /** Where the events go. */
  readonly QUEUE: { send(message: FingerprintEvent): Promise<unknown> };
}

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

let unsealer: Unsealer | undefined;

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    let upstream: Response;
    try {
      upstream = await fetch(upstreamRequest(request, env));
    } catch {
      return new Response(null, { status: 502 });
    }
    if (request.method !== "POST") return ofThisHost(new Response(upstream.body, upstream));
    unsealer ??= createUnsealer({
      keys: [env.FINGERPRINT_KEY, env.FINGERPRINT_OTHER_KEY].filter((key) => key !== undefined),
    });
    return ofThisHost(forwardOpenClientResponse(upstream, {
      unsealer,
      waitUntil: context,
      onEvent: (event) => env.QUEUE.send(event),
      onError: (error) => console.error(codeOf(error)),
    }));
  },
};

/** The request as Fingerprint expects it from a proxy. */
function upstreamRequest(request: Request, env: Env): Request {
  const { pathname, search, hostname } = new URL(request.url);
  const mount = env.MOUNT_PATH ?? "";
  const isMounted = mount !== "" && (pathname === mount || pathname.startsWith(`${mount}/`));
  const url = new URL(env.FINGERPRINT_URL);
  url.pathname = isMounted ? pathname.slice(mount.length) : pathname;
  url.search = search;

  const headers = new Headers(request.headers);
  // The site's own cookies are none of Fingerprint's business, nor is it a client's to say where it comes from.
  headers.delete("cookie");
  for (const name of [...headers.keys()].filter((name) => name.startsWith("fpjs-proxy-"))) headers.delete(name);
  // What every runtime can decode: the agent's browser would also take zstd.
  headers.set("accept-encoding", "gzip, br");
  if (request.method === "POST") {
    url.searchParams.append("ii", "custom-proxy-integration/1.0/ingress");
    headers.set("fpjs-proxy-secret", env.FINGERPRINT_PROXY_SECRET);
    headers.set("fpjs-proxy-client-ip", request.headers.get("cf-connecting-ip") ?? "");
    headers.set("fpjs-proxy-forwarded-host", hostname);
    const cookie = /(?:^|;\s*)(_iidt=[^;]*)/.exec(request.headers.get("cookie") ?? "");
    if (cookie?.[1] !== undefined) headers.set("cookie", cookie[1]);
  }
  return new Request(url, { method: request.method, headers, body: request.body, redirect: "manual" });
}

/** Fingerprint's word about HTTPS on its host is not one about the site's. */
function ofThisHost(response: Response): Response {
  response.headers.delete("strict-transport-security");
  return response;
}

/** A log gets codes, and nothing that a visitor sent. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? "Error";
}
