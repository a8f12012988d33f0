/**
 * Serves a Fastly Compute program: `PORT=8080 FASTLY_SETTINGS=… node fastly-server.ts PROGRAM.wasm`.
 *
 * Each request runs in a fresh instance, on a separate thread because host calls block. That thread sends each host call
 * to this one and sleeps until the reply.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request as requestOf, type ServerResponse } from "node:http";
import type { Readable, Writable } from "node:stream";
import { MessageChannel, Worker } from "node:worker_threads";
import { createGunzip } from "node:zlib";
import type { HeaderList, OutgoingRequest, Stores } from "../../runtimes/fastly-outside.ts";

/** The configuration of a Fastly service. */
export interface FastlySettings {
  /** The address of each backend: `http://127.0.0.1:<port>`. */
  readonly backends: Readonly<Record<string, string>>;
  readonly secretStores: Stores;
  readonly configStores: Stores;
}

/** The message that starts a request on a thread. */
export interface Assignment {
  readonly client: { method: string; url: string; headers: HeaderList; address: Uint8Array };
}

/** A call from a thread: the name of a method and its parameters. */
export type ThreadCall = readonly [name: keyof ReturnType<typeof createOutside>, ...parameters: unknown[]];

const THREADS = 4;

const [, , program = ""] = process.argv;
const settings = JSON.parse(process.env["FASTLY_SETTINGS"] ?? "{}") as FastlySettings;
const module = await WebAssembly.compile(readFileSync(program));

/** An incoming body: the chunks that have arrived and were not read yet. */
function createSource(stream: Readable, changed: () => void) {
  const chunks: Buffer[] = [];
  let state: "open" | "ended" | "cut" = "open";
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    stream.pause(); // until the chunk is read
    changed();
  });
  const settle = (end: "ended" | "cut") => () => {
    if (state === "open") state = end;
    changed();
  };
  stream.on("end", settle("ended")).on("error", settle("cut")).on("close", settle("cut"));
  return {
    isReady: () => chunks.length > 0 || state !== "open",
    take(maxBytes: number): Uint8Array {
      const chunk = chunks.shift();
      if (chunk === undefined) {
        if (state === "cut") throw new Error("The body broke off");
        return new Uint8Array(0);
      }
      if (chunk.length > maxBytes) chunks.unshift(chunk.subarray(maxBytes));
      if (chunks.length === 0) stream.resume();
      return Uint8Array.from(chunk.subarray(0, maxBytes));
    },
  };
}

type RemoteSource = ReturnType<typeof createSource>;

/** A request to a backend: not ready, answered or failed. */
interface RemotePending {
  isReady(): boolean;
  response?: IncomingMessage;
  error?: Error;
}

async function write(stream: Writable, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed) throw new Error("The receiver has gone");
  if (stream.write(bytes)) return;
  await new Promise<void>((resolve) => {
    stream.once("drain", resolve).once("close", resolve);
  });
}

/** The environment of one instance. Threads refer to its objects by number. */
function createOutside(request: IncomingMessage, answer: ServerResponse) {
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const wake of waiting) wake();
    waiting.clear();
  };
  const sources: RemoteSource[] = [createSource(request, changed)];
  const sinks: Writable[] = [];
  const pendings: RemotePending[] = [];
  const waitables: (RemoteSource | RemotePending)[] = [sources[0]!];

  async function untilChanged(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      waiting.add(resolve);
      if (timeoutMs > 0) setTimeout(resolve, timeoutMs);
    });
  }

  function addSource(stream: Readable): number {
    const source = createSource(stream, changed);
    waitables.push(source);
    return sources.push(source) - 1;
  }

  return {
    isReady: (waitable: number) => waitables[waitable]!.isReady(),
    async select(numbers: number[], timeoutMs: number): Promise<number | undefined> {
      const deadline = timeoutMs === 0 ? Infinity : Date.now() + timeoutMs;
      while (Date.now() < deadline) {
        const ready = numbers.findIndex((number) => waitables[number]!.isReady());
        if (ready !== -1) return ready;
        await untilChanged(timeoutMs === 0 ? 0 : deadline - Date.now());
      }
      return undefined;
    },
    async read(source: number, maxBytes: number): Promise<Uint8Array> {
      while (!sources[source]!.isReady()) await untilChanged(0);
      return sources[source]!.take(maxBytes);
    },
    write: (sink: number, bytes: Uint8Array) => write(sinks[sink]!, bytes),
    close: (sink: number) => void sinks[sink]!.end(),
    abandon: (sink: number) => void sinks[sink]!.destroy(),
    respond(status: number, headers: HeaderList, length: number | undefined): number {
      answer.writeHead(status, [...headers, ...lengthHeader(length)].flat());
      answer.flushHeaders();
      return sinks.push(answer) - 1;
    },
    send({ backend, method, url, headers, decompressGzip }: OutgoingRequest, length: number | undefined) {
      const { pathname, search, host } = new URL(url);
      const origin = settings.backends[backend];
      if (origin === undefined) throw new Error(`No backend ${backend}`);
      const sent = requestOf(origin + pathname + search, {
        method,
        headers: [...headers, ["host", host] as const, ...lengthHeader(length)].flat(),
        agent: false,
      });
      const pending: RemotePending = { isReady: () => false };
      const settle = (outcome: Pick<RemotePending, "response" | "error">): void => {
        Object.assign(pending, outcome, { isReady: () => true });
        changed();
      };
      sent.on("response", (response) => settle({ response: decoded(response, decompressGzip) }));
      sent.on("error", (error) => settle({ error }));
      waitables.push(pending);
      return { pending: pendings.push(pending) - 1, waitable: waitables.length - 1, sink: sinks.push(sent) - 1 };
    },
    async wait(number: number) {
      const pending = pendings[number]!;
      while (!pending.isReady()) await untilChanged(0);
      const { response, error } = pending;
      if (response === undefined) throw error;
      const raw = response.rawHeaders;
      const headers = raw.flatMap((name, place) => place % 2 === 0 ? [[name, raw[place + 1]!] as const] : []);
      const source = addSource(response);
      return { status: response.statusCode ?? 0, headers, source, waitable: waitables.length - 1 };
    },
    log: (endpoint: string, line: Uint8Array) => console.log(`${endpoint} ${Buffer.from(line).toString()}`),
    print: (text: Uint8Array) => void process.stdout.write(text),
  };
}

function lengthHeader(length: number | undefined): HeaderList {
  return length === undefined ? [] : [["content-length", `${length}`]];
}

/** Decodes gzip, as Fastly does when the program asks for it. */
function decoded(response: IncomingMessage, isAsked: boolean): IncomingMessage {
  if (!isAsked || response.headers["content-encoding"] !== "gzip") return response;
  const rawHeaders = response.rawHeaders.filter((_, place, all) =>
    !/^content-(encoding|length)$/i.test(all[place - place % 2]!)
  );
  const { statusCode } = response;
  // Only the status, the headers and the stream of the message are used.
  return Object.assign(response.pipe(createGunzip()), { statusCode, rawHeaders }) as unknown as IncomingMessage;
}

/** The idle threads, and the requests that wait for a thread. */
const idle: ((assignment: Assignment, outside: ReturnType<typeof createOutside>) => Promise<void>)[] = [];
const queue: (() => void)[] = [];

function startThread(): void {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const { port1: port, port2 } = new MessageChannel();
  const { secretStores, configStores, backends } = settings;
  const worker = new Worker(new URL("./fastly-thread.ts", import.meta.url), {
    workerData: { module, signal, port: port2, secretStores, configStores, backends: Object.keys(backends) },
    transferList: [port2],
    execArgv: ["--no-warnings"],
  });
  const serve = async (assignment: Assignment, outside: ReturnType<typeof createOutside>): Promise<void> => {
    const answerCall = async ([name, ...parameters]: ThreadCall): Promise<void> => {
      // The thread calls each method with the parameters of its type.
      const method = outside[name] as (...parameters: unknown[]) => unknown;
      const reply = await Promise.resolve().then(() => method(...parameters))
        .then((result) => ({ result }), (error: Error) => ({ error: String(error) }));
      port.postMessage(reply);
      Atomics.store(signal, 0, 1);
      Atomics.notify(signal, 0);
    };
    port.on("message", answerCall);
    worker.postMessage(assignment);
    await new Promise((resolve) => worker.once("message", resolve));
    port.off("message", answerCall);
    idle.push(serve);
    queue.shift()?.();
  };
  idle.push(serve);
}

for (let thread = 0; thread < THREADS; thread++) startThread();

const server = createServer(async (request, answer) => {
  while (idle.length === 0) await new Promise<void>((resolve) => queue.push(resolve));
  const { method = "", url = "", rawHeaders: raw, socket } = request;
  const headers = raw.flatMap((name, place) => place % 2 === 0 ? [[name, raw[place + 1]!] as const] : []);
  const address = Uint8Array.from((socket.remoteAddress ?? "").split(".").map(Number));
  const client = { method, url: `http://${request.headers.host}${url}`, headers, address };
  // The loop above ends when a thread is idle.
  await idle.pop()!({ client }, createOutside(request, answer));
  if (!answer.headersSent) answer.writeHead(500).end();
});
server.listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(`listening ${(server.address() as { port: number }).port}`);
});
