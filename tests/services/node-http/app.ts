/**
 * The same application on each framework. `/sealed` accepts sealed results, `/parsed/sealed` accepts them after the
 * framework's body parsers, `/webhook` accepts signed webhooks, `/echo` returns the body as a stream, `/fails` throws.
 * The argument names the framework.
 *
 * @module
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import express4 from "express4";
import { fastify } from "fastify";
import Koa from "koa";
import bodyParser from "koa-bodyparser";
import { createSealedResultHandler, type HandlerDetails } from "@unseal/sealed-results/handler";
import { type NodeContext, nodeListener } from "@unseal/sealed-results/node-http";
import { createWebhookVerifier } from "@unseal/sealed-results/webhook";
import { summarize } from "@unseal/sealed-results/event";

const handle = createSealedResultHandler({
  keys: new Uint8Array(32).fill(1),
  replay: "none", // the tests post the same event many times
  maxBodyBytes: 64 * 1024,
  bodyTimeoutMs: 2_000,
  onEvent: (event, { context }: HandlerDetails<NodeContext>) =>
    Response.json({ id: event.event_id, ip: context.remoteAddr.hostname }),
});
const sealed = nodeListener(handle);
const verify = createWebhookVerifier({ secrets: "secret" });
const webhook = nodeListener(async (request) => Response.json({ id: summarize(await verify(request)).id }));
const echo = nodeListener((request) =>
  new Response(request.body, { headers: { "x-path": new URL(request.url).pathname } })
);
const fails = nodeListener(() => {
  throw new Error("the application failed");
});

function onExpress(make: typeof express): Server {
  const app = make();
  app.use((_request, response, next) => {
    response.setHeader("access-control-allow-origin", "https://shop.example");
    next();
  });
  app.all("/sealed", sealed);
  app.post("/webhook", webhook);
  app.post("/echo", echo);
  app.get("/fails", fails);
  const parsed = make.Router();
  parsed.use(make.json({ limit: "1mb" }), make.text({ limit: "1mb" }), make.raw({ limit: "1mb" }));
  parsed.post("/sealed", sealed);
  parsed.post("/echo", echo);
  app.use("/parsed", parsed);
  const onError: express.ErrorRequestHandler = (error: Error, _request, response, _next) => {
    response.status(500).send(error.message);
  };
  app.use(onError);
  return createServer(app);
}

/** Fastify parses JSON and text by default. With a parser that reads nothing, the listener reads the body itself. */
async function onFastify(): Promise<Server> {
  const app = fastify({ bodyLimit: 1024 * 1024 });
  app.addHook("onRequest", (_request, reply, done) => {
    void reply.header("access-control-allow-origin", "https://shop.example");
    done();
  });
  void app.register((streaming, _options, done) => {
    streaming.removeAllContentTypeParsers();
    streaming.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
    streaming.all("/sealed", sealed);
    streaming.post("/webhook", webhook);
    streaming.post("/echo", echo);
    streaming.get("/fails", fails);
    done();
  });
  void app.register((parsing, _options, done) => {
    parsing.addContentTypeParser(
      "application/octet-stream",
      { parseAs: "buffer" },
      (_request, body, parsed) => parsed(null, body),
    );
    parsing.post("/sealed", sealed);
    parsing.post("/echo", echo);
    done();
  }, { prefix: "/parsed" });
  await app.ready();
  return app.server;
}

function onKoa(): Server {
  const app = new Koa();
  app.on("error", () => {}); // It answers 500.
  app.use(async (context, next) => {
    context.set("access-control-allow-origin", "https://shop.example");
    await next();
  });
  const parse = bodyParser({ enableTypes: ["json", "text"], jsonLimit: "1mb", textLimit: "1mb" });
  const routes: Record<string, Koa.Middleware> = {
    "/sealed": sealed,
    "/webhook": webhook,
    "/echo": echo,
    "/fails": fails,
  };
  app.use(async (context, next) => {
    const isParsed = context.path.startsWith("/parsed/");
    const route = routes[isParsed ? context.path.slice("/parsed".length) : context.path];
    if (route === undefined) return await next();
    if (isParsed) await parse(context, () => Promise.resolve());
    await route(context, next);
  });
  return createServer(app.callback());
}

const FRAMEWORKS: Record<string, () => Server | Promise<Server>> = {
  "express": () => onExpress(express),
  "express4": () => onExpress(express4),
  "fastify": onFastify,
  "koa": onKoa,
};

const server = await FRAMEWORKS[process.argv[2] ?? ""]!(); // the test names one of them
server.listen(0, "127.0.0.1", () => console.log(`listening ${(server.address() as AddressInfo).port}`));
process.on("unhandledRejection", (error) => {
  console.error("UNHANDLED", error);
  process.exit(70);
});
