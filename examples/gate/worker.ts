/**
 * The gate as a Cloudflare Worker.
 *
 * @module
 */

import { type DurableObjectNamespaceLike, durableObjectStore } from "@unseal/sealed-results/replay";
import { createGate } from "./gate.ts";

export { ReplayObject } from "@unseal/sealed-results/replay";

interface Env {
  /** A secret. The encryption key of the dashboard. */
  readonly FINGERPRINT_KEY: string;
  readonly ORIGIN: string;
  readonly REPLAY: DurableObjectNamespaceLike;
}

let gate: ReturnType<typeof createGate> | undefined;

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    gate ??= createGate({ keys: env.FINGERPRINT_KEY, store: durableObjectStore(env.REPLAY), origin: env.ORIGIN });
    return gate(request, request.headers.get("cf-connecting-ip") ?? undefined);
  },
};
