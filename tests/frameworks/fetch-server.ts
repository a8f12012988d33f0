/**
 * Serves a module whose default export has `fetch`, as TanStack Start builds it: `node fetch-server.ts MODULE`.
 *
 * @module
 */

import { serve } from "@hono/node-server";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

interface Built {
  readonly default: { fetch(request: Request): Response | Promise<Response> };
}

const built: Built = await import(pathToFileURL(resolve(process.argv[2] ?? "")).href);
serve({ port: Number(process.env["PORT"]), fetch: (request) => built.default.fetch(request) });
