/**
 * The application behind the pages, on every runtime: a page, a proxy on `/metrics`, a login and a webhook. `/seen` returns
 * what arrived.
 *
 * @module
 */

import { createUnsealer } from "../../../mod.ts";
import { createEventsClient } from "../../../src/events-api/mod.ts";
import { createFingerprintProxy } from "../../../src/proxy/mod.ts";
import { memoryStore } from "../../../src/replay/mod.ts";
import { createVerifier, VerifyError } from "../../../src/verify/mod.ts";
import { createWebhookVerifier } from "../../../src/webhook/mod.ts";

interface Environment {
  readonly SANDBOX: string;
  readonly KEY: string;
  readonly SECRET_KEY: string;
  readonly PROXY_SECRET: string;
  readonly WEBHOOK_SECRET: string;
  /** Set where the platform does not have the client's address. */
  readonly ADDRESS?: string;
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>Page</title><link rel="icon" href="data:,">
<body><script type="module" src="/page.js"></script>`;

const seen: { proxied: unknown[]; webhooks: unknown[]; errors: unknown[] } = { proxied: [], webhooks: [], errors: [] };

/** Created at the first request, because workerd refuses random numbers and promises outside of a request. */
function createApplication({ SANDBOX, KEY, SECRET_KEY, PROXY_SECRET, WEBHOOK_SECRET, ADDRESS }: Environment) {
  const onError = (error: unknown): unknown => seen.errors.push((error as { code?: unknown }).code);
  return {
    proxy: createFingerprintProxy({
      mountPath: "/metrics",
      agentPaths: { download: "/agent", result: "/result" },
      proxySecret: PROXY_SECRET,
      baseUrl: SANDBOX,
      unsealer: createUnsealer({ keys: KEY }),
      onEvent: (_, { summary }) => seen.proxied.push(summary.id),
      onError,
      ...(ADDRESS !== undefined && { clientAddress: () => ADDRESS }),
    }),
    verifier: createVerifier({
      keys: KEY,
      store: memoryStore(),
      fallback: createEventsClient({ secretKey: SECRET_KEY, baseUrl: SANDBOX }),
      onError,
    }),
    verifyWebhook: createWebhookVerifier({ secrets: WEBHOOK_SECRET }),
  };
}

let application: ReturnType<typeof createApplication> | undefined;

async function login(request: Request, { verifier }: NonNullable<typeof application>): Promise<Response> {
  try {
    const claims = { ip: "127.0.0.1", origin: request.headers.get("origin") };
    const { summary, source } = await verifier.verify(await request.json(), claims);
    if (summary.bot !== "not_detected") return Response.json({ code: "BOT" }, { status: 403 });
    return Response.json({ source });
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    return Response.json({ code: error.code }, { status: error.status });
  }
}

export default {
  async fetch(request: Request, env: Environment, context: unknown): Promise<Response> {
    application ??= createApplication(env);
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/metrics")) return await application.proxy(request, context);
    if (pathname === "/login") return await login(request, application);
    if (pathname === "/seen") return Response.json(seen);
    if (pathname !== "/webhook") return new Response(PAGE, { headers: { "content-type": "text/html" } });
    const { event_id } = await application.verifyWebhook(request);
    seen.webhooks.push(event_id);
    return new Response(null, { status: 204 });
  },
};
