/**
 * Runs the application of `examples/full-flow` as a separate program, so that its memory can be measured. The argument
 * is the port of its Redis. It prints `listening <port>`.
 *
 * @module
 */

import { getRequestListener } from "@hono/node-server";
import { createServer } from "node:http";
import { createApplication } from "../../../examples/full-flow/application.ts";
import { serveFingerprint } from "../../../examples/full-flow/fingerprint.ts";
import { listen } from "../../../examples/full-flow/listen.ts";
import { connectRedis } from "../../../examples/full-flow/redis.ts";
import { createSandbox } from "../../../src/testing/mod.ts";

const sandbox = createSandbox();
const fingerprint = await serveFingerprint(sandbox);
const application = createApplication({
  publicKey: sandbox.publicKey,
  secretKey: sandbox.secretKey,
  proxySecret: sandbox.proxySecret,
  webhookSecret: sandbox.webhookSecret,
  fingerprintUrl: fingerprint.url,
  keys: [sandbox.key],
  redis: await connectRedis(Number(process.argv[2])),
  onVisit: () => Promise.resolve(),
  onError: (code) => console.log("refused", code),
});
const { url } = await listen(createServer(getRequestListener((request) => application.fetch(request, "127.0.0.1"))));
console.log("listening", new URL(url).port);
