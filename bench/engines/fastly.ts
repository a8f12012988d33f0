/**
 * `npm run bench:fastly`: the time of a request on Fastly Compute's engine, for the example's whole proxy, for a
 * handwritten one without checks, and for one that only forwards.
 *
 * Each request has a fresh instance, as on Fastly. The three programs take turns, so that all of them see the same
 * machine. Backend and client are in the same process and cost nothing.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { serveOnce } from "../../tests/runtimes/fastly-abi.ts";
import type { Outside, Sink, Source } from "../../tests/runtimes/fastly-outside.ts";
import { ROOT } from "../../tests/runtimes/project.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../../tests/support/documentation-sample.ts";
import { removeFolder, temporaryFolder } from "../../tests/services/support/engine.ts";
import { compileSource } from "../../tests/services/support/examples.ts";
import { mean, writeFigures } from "./figures.ts";

const ROUNDS = 1000;
const WARM_UP = 40;

/** The shared part of all programs: reads a secret and sends a request to the backend. */
const COMMON = `import { SecretStore } from "fastly:secret-store";
import { Logger } from "fastly:logger";
const secret = async (name) => (await new SecretStore("fingerprint").get(name)).plaintext();
const ask = async ({ request }) => {
  const headers = new Headers(request.headers);
  headers.set("fpjs-proxy-secret", await secret("proxy-secret"));
  const init = { method: "POST", headers, body: request.body, backend: "api.fpjs.io" };
  return await fetch("https://api.fpjs.io/?ii=custom", init);
};
`;

const PROGRAMS = {
  proxy: `import ${JSON.stringify(join(ROOT, "examples/fastly-compute/main.ts"))};`,
  floor: `${COMMON}import { gcm } from "@noble/ciphers/aes.js";
import { inflateSync } from ${JSON.stringify(join(ROOT, "bench/node_modules/fflate/esm/browser.js"))};
async function open(body) {
  const text = atob(JSON.parse(body).sealed_result);
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const key = Uint8Array.from(atob(await secret("keys")), (character) => character.charCodeAt(0));
  const json = new TextDecoder().decode(inflateSync(gcm(key, bytes.subarray(4, 16)).decrypt(bytes.subarray(16))));
  new Logger("fingerprint-events").log(json);
}
addEventListener("fetch", (event) => event.respondWith((async () => {
  const response = await ask(event);
  const body = await response.text();
  event.waitUntil(open(body));
  return new Response(body, response);
})()));`,
  forward: `${COMMON}addEventListener("fetch", (event) => event.respondWith(ask(event)));`,
};

type ProgramName = keyof typeof PROGRAMS;

const BODY = Buffer.from(JSON.stringify({ event_id: "1708102555327.NLOjmg", sealed_result: SAMPLE_SEALED }));

/** Sends one request. The program must log its event if `isOpened` is true. */
function requestTo(module: WebAssembly.Module, isOpened: boolean): number {
  let answer = "";
  let logged = 0;
  const bytesOf = (bytes: Uint8Array): Source => {
    let left = bytes;
    return {
      isReady: () => true,
      read: () => {
        const all = left;
        left = new Uint8Array(0);
        return all;
      },
    };
  };
  const into = (take: (bytes: Uint8Array) => void): Sink => ({ write: take, close: () => {}, abandon: () => {} });
  const outside: Outside = {
    client: {
      method: "POST",
      url: "https://www.example.com/metrics/",
      headers: [["content-type", "text/plain"], ["content-length", "1"]],
      address: Uint8Array.of(192, 0, 2, 1),
      body: bytesOf(Buffer.from("x")),
    },
    backends: ["api.fpjs.io"],
    configStores: {},
    secretStores: { fingerprint: { "proxy-secret": "a-proxy-secret", keys: SAMPLE_KEY } },
    respond: () => into((bytes) => void (answer += Buffer.from(bytes).toString())),
    send: () => ({
      pending: {
        isReady: () => true,
        wait: () => ({ status: 200, headers: [["content-type", "application/json"]], body: bytesOf(BODY) }),
      },
      body: into(() => {}),
    }),
    select: () => 0,
    log: (_endpoint, line) => void (logged += line.length),
    print: (text) => void process.stderr.write(text),
  };
  // The CPU time of this thread, which excludes other work on the machine. Kernels may count it in ticks of 4 ms.
  const startedAt = process.threadCpuUsage();
  serveOnce(module, outside);
  const { user, system } = process.threadCpuUsage(startedAt);
  const milliseconds = (user + system) / 1000;
  if (answer !== BODY.toString() || (logged > 0) !== isOpened) throw new Error("The program did not do its work");
  return milliseconds;
}

const folder = temporaryFolder();
const modules = new Map<ProgramName, WebAssembly.Module>();
for (const [name, contents] of Object.entries(PROGRAMS) as [ProgramName, string][]) {
  const program = join(folder, `${name}.wasm`);
  await compileSource(contents, program);
  modules.set(name, await WebAssembly.compile(readFileSync(program)));
}
removeFolder(folder);

const times = { proxy: [] as number[], floor: [] as number[], forward: [] as number[] };
for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const [name, module] of modules) {
    const milliseconds = requestTo(module, name !== "forward");
    if (round >= 0) times[name].push(milliseconds);
  }
}
const [proxy, floor, forward] = [mean(times.proxy), mean(times.floor), mean(times.forward)];
writeFigures("fastly", `Node ${process.versions.node}`, [
  ["the proxy of `examples/fastly-compute`", proxy, proxy - forward],
  ["written by hand with noble and fflate, no checks", floor, floor - forward],
  ["only forwarding", forward, 0],
]);
