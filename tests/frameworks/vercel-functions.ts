/**
 * Serves a folder of Vercel functions with web-standard signatures: `node vercel-functions.ts FOLDER`. Each file exports
 * functions named after HTTP methods, from `Request` to `Response`.
 *
 * @module
 */

import { serve } from "@hono/node-server";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

type Functions = Readonly<Record<string, ((request: Request) => Promise<Response>) | undefined>>;

serve({
  port: Number(process.env["PORT"]),
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const file = resolve(`${process.argv[2]}${pathname}.ts`);
    const functions: Functions = await import(pathToFileURL(file).href).catch(() => ({}));
    return await functions[request.method]?.(request) ?? new Response(null, { status: 404 });
  },
});
