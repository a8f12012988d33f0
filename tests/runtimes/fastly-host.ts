/**
 * Requests each URL from a Fastly Compute program, without any network: `node fastly-host.js PROGRAM.wasm URL...`.
 *
 * The program's responses are ignored; its logs go to standard output.
 *
 * @module
 */

import { readFileSync, writeSync } from "node:fs";
import { serveOnce } from "./fastly-abi.ts";
import type { Outside, Sink } from "./fastly-outside.ts";

const [, , program = "", ...urls] = process.argv;

const nowhere: Sink = { write: () => {}, close: () => {}, abandon: () => {} };
const outsideOf = (url: string): Outside => ({
  client: {
    method: "GET",
    url,
    headers: [],
    address: Uint8Array.of(192, 0, 2, 1),
    body: { isReady: () => true, read: () => new Uint8Array(0) },
  },
  backends: [],
  configStores: {},
  secretStores: {},
  respond: () => nowhere,
  send: ({ backend }) => {
    throw new Error(`No backend ${backend}`);
  },
  select: () => 0,
  log: (endpoint, line) => console.log(`${endpoint}: ${Buffer.from(line).toString()}`),
  print: (text) => void writeSync(1, text),
});

const module = await WebAssembly.compile(readFileSync(program));
for (const url of urls) {
  const exitCode = serveOnce(module, outsideOf(url));
  if (exitCode !== 0) throw new Error(`The program ended with exit code ${exitCode} for ${url}`);
}
