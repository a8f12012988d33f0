/**
 * A thread of `fastly-server.ts`: runs one instance after another, and sends their host calls to the server.
 *
 * @module
 */

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { serveOnce } from "../../runtimes/fastly-abi.ts";
import type { Outside, Sink, Source, Stores, Waitable } from "../../runtimes/fastly-outside.ts";
import type { Assignment, ThreadCall } from "./fastly-server.ts";

const { module, signal, port, ...platform }: {
  readonly module: WebAssembly.Module;
  /** 1 when there is a reply. */
  readonly signal: Int32Array<SharedArrayBuffer>;
  readonly port: MessagePort;
  readonly backends: readonly string[];
  readonly secretStores: Stores;
  readonly configStores: Stores;
} = workerData;

/** Calls the server, and sleeps until it has replied. */
function call<Result>(...threadCall: ThreadCall): Result {
  port.postMessage(threadCall);
  Atomics.wait(signal, 0, 0);
  Atomics.store(signal, 0, 0);
  const reply: { result: Result } | { error: string } = receiveMessageOnPort(port)?.message;
  if ("error" in reply) throw new Error(reply.error);
  return reply.result;
}

/** The server's numbers of the objects that it can wait for. */
const numbers = new WeakMap<Waitable, number>();

function numbered<Kind extends Waitable>(waitable: number, object: Omit<Kind, "isReady">): Kind {
  // Kind is `object` with the method of a Waitable, which is added here.
  const whole = { ...object, isReady: () => call<boolean>("isReady", waitable) } as Kind;
  numbers.set(whole, waitable);
  return whole;
}

const sourceOf = (source: number, waitable: number): Source =>
  numbered<Source>(waitable, { read: (maxBytes) => call("read", source, maxBytes) });

const sinkOf = (sink: number): Sink => ({
  write: (bytes) => call("write", sink, bytes),
  close: () => call("close", sink),
  abandon: () => call("abandon", sink),
});

parentPort?.on("message", ({ client }: Assignment) => {
  const outside: Outside = {
    ...platform,
    client: { ...client, body: sourceOf(0, 0) },
    respond: (...parameters) => sinkOf(call("respond", ...parameters)),
    send: (...parameters) => {
      const { pending, waitable, sink } = call<{ pending: number; waitable: number; sink: number }>(
        "send",
        ...parameters,
      );
      const wait = () => {
        const { source, waitable, ...response } = call<
          { status: number; headers: [string, string][]; source: number; waitable: number }
        >("wait", pending);
        return { ...response, body: sourceOf(source, waitable) };
      };
      return { pending: numbered(waitable, { wait }), body: sinkOf(sink) };
    },
    select: (waitables, timeoutMs) => {
      const always = waitables.findIndex((waitable) => !numbers.has(waitable));
      if (always !== -1) return always; // a body from the program itself, which is always ready
      return call("select", waitables.map((waitable) => numbers.get(waitable)), timeoutMs);
    },
    log: (endpoint, line) => call("log", endpoint, line),
    print: (text) => call("print", text),
  };
  let exitCode = 1;
  try {
    exitCode = serveOnce(module, outside);
  } catch (error) {
    call("print", Buffer.from(`The program ended: ${error}\n`));
  }
  parentPort?.postMessage(exitCode);
});
