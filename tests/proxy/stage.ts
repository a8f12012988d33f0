/**
 * A proxy, and a stand-in for Fingerprint that it calls.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { FingerprintEvent } from "../../mod.ts";
import {
  createFingerprintProxy,
  type FingerprintProxyOptions,
  ProxyError,
  type ResponseEventDetails,
} from "../../src/proxy/mod.ts";
import { toBase64 } from "../support/bytes.ts";
import { createTestUnsealer, key, sealEvent } from "../support/seal.ts";

export const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };

export const OPEN = JSON.stringify({ sealed_result: toBase64(sealEvent(EVENT, key(1))) });

export const SECRET = "a-proxy-secret";

export type Options = FingerprintProxyOptions<FingerprintEvent, unknown>;

/** Options in addition to the defaults of the tests. `undefined` removes a default. */
export type Given = { readonly [Name in keyof Options]?: Options[Name] | undefined };

/** A request to the stand-in for Fingerprint. */
interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly init: RequestInit;
}

interface Stage {
  readonly proxy: (request: Request, context?: unknown) => Promise<Response>;
  readonly asked: Asked[];
  readonly events: [FingerprintEvent, ResponseEventDetails][];
  readonly errors: unknown[];
}

/** Creates a proxy, and a stand-in for Fingerprint that it calls. */
export function stage(
  given: Given = {},
  answer: () => Response | Promise<Response> = () => new Response(OPEN),
): Stage {
  const asked: Asked[] = [];
  const events: [FingerprintEvent, ResponseEventDetails][] = [];
  const errors: unknown[] = [];
  const proxy = createFingerprintProxy<FingerprintEvent, unknown>({
    mountPath: "/metrics",
    proxySecret: SECRET,
    clientAddress: () => "192.0.2.1",
    onError: (error) => errors.push(error),
    fetch: async (url, init) => {
      const body = new Uint8Array(await new Response(init.body ?? null).arrayBuffer());
      asked.push({ url, method: init.method ?? "", headers: new Headers(init.headers), body, init });
      return await answer();
    },
    ...(!("unsealer" in given) && given.onBytes === undefined && {
      unsealer: createTestUnsealer({ keys: { id: "test", key: key(1) } }),
      onEvent: (event: FingerprintEvent, details: ResponseEventDetails) => events.push([event, details]),
    }),
    ...given,
  } as Options);
  return { proxy, asked, events, errors };
}

/** A request to the proxy. Its headers may include some that `fetch` does not send from a page. */
export function request(path: string, init: RequestInit & { duplex?: "half" } = {}): Request {
  return new Request(`https://www.site.test${path}`, init);
}

export const post = (path: string, init: RequestInit = {}): Request =>
  request(path, { method: "POST", body: "x", ...init });

export const codes = (errors: readonly unknown[]): string[] =>
  errors.map((error) => error instanceof ProxyError ? error.code : assert.fail(String(error)));
