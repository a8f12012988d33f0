/**
 * A Cloudflare Worker between the pages of a site and Fingerprint: it forwards the agent's requests, and sends the
 * sealed event in the response to a queue.
 *
 * @module
 */

import { createUnsealer, type FingerprintEvent } from "@unseal/sealed-results";
import { createFingerprintProxy } from "@unseal/sealed-results/proxy";

interface Env {
  /** The path that this Worker is mounted on, such as `/metrics`. */
  readonly MOUNT_PATH: string;
  /** A secret. The proxy secret of the dashboard, which Open Client Response requires. */
  readonly FINGERPRINT_PROXY_SECRET: string;
  /** A secret. The encryption key that is active in the dashboard. */
  readonly FINGERPRINT_KEY: string;
  /** A secret. The other key during a rotation. */
  readonly FINGERPRINT_OTHER_KEY?: string;
  /** For tests: the origin that replaces Fingerprint. */
  readonly FINGERPRINT_UPSTREAM?: string;
  /** The queue of events. */
  readonly QUEUE: { send(message: FingerprintEvent): Promise<unknown> };
}

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

let proxy: ((request: Request, context: Context) => Promise<Response>) | undefined;

export default {
  fetch(request: Request, env: Env, context: Context): Promise<Response> {
    proxy ??= createFingerprintProxy<FingerprintEvent, Context>({
      mountPath: env.MOUNT_PATH,
      agentPaths: { download: "/agent", result: "/result" },
      proxySecret: env.FINGERPRINT_PROXY_SECRET,
      unsealer: createUnsealer({
        keys: [env.FINGERPRINT_KEY, env.FINGERPRINT_OTHER_KEY].filter((key) => key !== undefined),
      }),
      onEvent: (event) => env.QUEUE.send(event),
      onError: (error) => console.error(codeOf(error)),
      baseUrl: env.FINGERPRINT_UPSTREAM,
    });
    return proxy(request, context);
  },
};

/** Logs contain codes, but no data of a visitor. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? "Error";
}
