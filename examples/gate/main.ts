/**
 * The gate on Deno: `deno serve --allow-net --allow-env main.ts`.
 *
 * @module
 */

import { memoryStore } from "@unseal/sealed-results/replay";
import { createGate } from "./gate.ts";

const gate = createGate({
  keys: process.env["FINGERPRINT_KEY"] ?? "",
  store: memoryStore(), // several processes need a shared store
  origin: process.env["ORIGIN"] ?? "",
});

interface Info {
  readonly remoteAddr: { readonly hostname: string };
}

/** `deno serve` calls this for each request. */
export default {
  fetch: (request: Request, { remoteAddr }: Info): Promise<Response> => gate(request, remoteAddr.hostname),
};
