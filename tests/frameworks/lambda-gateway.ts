/**
 * Serves a Lambda function as API Gateway does with payload format 2.0: `node lambda-gateway.ts MODULE`. Lambda itself
 * runs in Amazon's data centres only; this program has the same inputs and outputs.
 *
 * @module
 */

import { createServer } from "node:http";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

interface Result {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Handler = (event: unknown) => Promise<Result>;

const { handler }: { handler: Handler } = await import(pathToFileURL(resolve(process.argv[2] ?? "")).href);

/** The content types whose bodies are passed unchanged; every other body is encoded. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml))/;

createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const isBase64Encoded = !TEXT.test(request.headers["content-type"] ?? "");
  const event = {
    version: "2.0",
    rawPath: request.url,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    requestContext: {
      domainName: "lambda.example",
      http: { method: request.method, sourceIp: request.socket.remoteAddress },
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? "base64" : "utf8"), isBase64Encoded }),
  };
  try {
    const result = await handler(event);
    response.writeHead(result.statusCode ?? 200, result.headers).end(result.body);
  } catch {
    response.writeHead(500).end();
  }
}).listen(Number(process.env["PORT"]), "127.0.0.1");
