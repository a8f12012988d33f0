/**
 * Fastly Compute's host calls for `node:wasi`: those that programs built with `@fastly/js-compute` need.
 *
 * An instance of the program serves one request and ends. Every call returns a status; results are written to addresses
 * in the instance's memory. Names and values of headers are NUL-terminated texts, read from a cursor. All of them fit
 * into the engine's buffer here, so one read returns all. A missing call returns "unsupported".
 *
 * @see https://github.com/fastly/js-compute-runtime/blob/main/runtime/fastly/host-api/fastly.h
 * @module
 */

import { WASI } from "node:wasi";
import type { HeaderList, Outside, Pending, Sink, Source, Stores, Waitable } from "./fastly-outside.ts";

const OK = 0;
const ERROR = 1;
const BUFFER_TOO_SHORT = 4;
const UNSUPPORTED = 5;
const INCOMPLETE = 9;
const NONE = 10;

/** The result of `select` after a timeout. */
const NOTHING_READY = 0xffffffff;

/** HTTP/1.1, in the host's numbering. */
const HTTP_11 = 2;

/** The host frames each message itself and drops the program's framing headers. */
const FRAMING_HEADERS: readonly string[] = ["content-length", "transfer-encoding"];

/** Bytes read at once when the host forwards a body. */
const PUMP_BYTES = 64 * 1024;

/** A body: first the written bytes, then those from outside. Once it is being sent, writes go to its sink. */
interface Body {
  readonly chunks: Uint8Array[];
  source?: Source | undefined;
  sink?: Sink;
}

interface Message {
  method: string;
  url: string;
  status: number;
  headers: HeaderList;
  decompressGzip: boolean;
}

type HostCall = (...parameters: number[]) => number;
type HostCalls = Readonly<Record<string, HostCall>>;

/**
 * Serves one request with a fresh instance of the program.
 *
 * @returns The exit code: 0 unless the program crashed.
 */
export function serveOnce(module: WebAssembly.Module, outside: Outside): number {
  // Without a program name, the engine requests an empty list at start-up, which node:wasi refuses.
  const wasi = new WASI({ version: "preview1", args: ["program"], returnOnExit: true });
  const imports = wasi.getImportObject() as Record<string, Record<string, HostCall>>;
  const started: { memory?: WebAssembly.Memory } = {};
  // Calls come only from a started instance.
  const calls = hostCalls(outside, () => started.memory!.buffer);
  for (const { module: group, name } of WebAssembly.Module.imports(module)) {
    const call = calls[`${group}.${name}`];
    if (call !== undefined) (imports[group] ??= {})[name] = call;
    else (imports[group] ??= {})[name] ??= () => UNSUPPORTED;
  }
  const instance = new WebAssembly.Instance(module, imports);
  // Every program of js-compute-runtime exports its memory under this name.
  started.memory = instance.exports["memory"] as WebAssembly.Memory;
  return wasi.start(instance);
}

function hostCalls(outside: Outside, memory: () => ArrayBuffer): HostCalls {
  // The program passes a handle only to calls of its kind. The casts below rely on that.
  const objects = new Map<number, unknown>();
  const message = (handle: number) => objects.get(handle) as Message;
  const bodyOf = (handle: number) => objects.get(handle) as Body;
  const storeOf = (handle: number) => objects.get(handle) as Stores[string];

  // The memory's buffer is replaced when it grows, so each access creates a view.
  const view = () => new DataView(memory());
  const bytesAt = (address: number, length: number) => new Uint8Array(memory(), address, length);
  const textAt = (address: number, length: number) => Buffer.from(memory(), address, length).toString("latin1");

  function put32(address: number, value: number): number {
    view().setUint32(address, value, true);
    return OK;
  }

  function putText(text: string, address: number, room: number, lengthAddress: number): number {
    put32(lengthAddress, text.length);
    if (text.length > room) return BUFFER_TOO_SHORT;
    bytesAt(address, room).set(Buffer.from(text, "latin1"));
    return OK;
  }

  function putHandle(address: number, object: object | string): number {
    const handle = objects.size + 1; // Handles are never reused.
    objects.set(handle, object);
    return put32(address, handle);
  }

  function putMessage(address: number, fields: Partial<Message>): number {
    const message = { method: "GET", url: "", status: 200, headers: [], decompressGzip: false, ...fields };
    return putHandle(address, message satisfies Message);
  }

  function putBody(address: number, source?: Source): number {
    return putHandle(address, { chunks: [], source } satisfies Body);
  }

  function waitable(handle: number): Waitable {
    const object = objects.get(handle) as Pending | Body;
    return "wait" in object ? object : object.source ?? { isReady: () => true };
  }

  const groups: readonly HostCalls[] = [
    headerCalls("fastly_http_req"),
    headerCalls("fastly_http_resp"),
    requestCalls(),
    responseCalls(),
    bodyCalls(),
    storeCalls("fastly_config_store", outside.configStores),
    storeCalls("fastly_secret_store", outside.secretStores),
    platformCalls(),
  ];
  return Object.assign({}, ...groups);

  function headerCalls(group: string): HostCalls {
    const named = (headers: HeaderList, name: string) =>
      headers.filter(([other]) => other.toLowerCase() === name.toLowerCase());
    const unnamed = (headers: HeaderList, name: string) =>
      headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
    const putList = (texts: readonly string[], address: number, room: number, end: number, length: number) => {
      view().setBigInt64(end, -1n, true);
      return putText(texts.map((text) => `${text}\0`).join(""), address, room, length);
    };
    return {
      [`${group}.new`]: (out) => putMessage(out, {}),
      [`${group}.version_get`]: (_handle, out) => put32(out, HTTP_11),
      [`${group}.framing_headers_mode_set`]: () => OK,
      [`${group}.header_names_get`]: (handle, address, room, _cursor, end, length) => {
        const names = new Set(message(handle).headers.map(([name]) => name.toLowerCase()));
        return putList([...names], address, room, end, length);
      },
      [`${group}.header_values_get`]: (handle, name, nameLength, address, room, _cursor, end, length) => {
        const values = named(message(handle).headers, textAt(name, nameLength)).map(([, value]) => value);
        return putList(values, address, room, end, length);
      },
      [`${group}.header_remove`]: (handle, name, length) => {
        message(handle).headers = unnamed(message(handle).headers, textAt(name, length));
        return OK;
      },
      [`${group}.header_insert`]: (handle, address, nameLength, value, length) => {
        const name = textAt(address, nameLength);
        message(handle).headers = [...unnamed(message(handle).headers, name), [name, textAt(value, length)]];
        return OK;
      },
      [`${group}.header_append`]: (handle, address, nameLength, value, length) => {
        const { headers } = message(handle);
        message(handle).headers = [...headers, [textAt(address, nameLength), textAt(value, length)]];
        return OK;
      },
    };
  }

  function requestCalls(): HostCalls {
    function send(request: number, bodyHandle: number, backend: string, isStreaming: boolean, out: number): number {
      const { method, url, decompressGzip } = message(request);
      const body = bodyOf(bodyHandle);
      const outgoing = { backend, method, url, headers: withoutFraming(message(request)), decompressGzip };
      const sent = outside.send(outgoing, isStreaming ? undefined : knownLength(body));
      flush(body, sent.body, isStreaming);
      return putHandle(out, sent.pending);
    }
    return {
      "fastly_http_req.body_downstream_get": (request, body) => {
        const { method, url, headers, body: source } = outside.client;
        putMessage(request, { method, url, headers });
        return putBody(body, source);
      },
      "fastly_http_downstream.downstream_client_ip_addr": (_request, out, length) => {
        const { address } = outside.client;
        bytesAt(out, address.length).set(address);
        return put32(length, address.length);
      },
      "fastly_http_req.method_get": (handle, out, room, length) => putText(message(handle).method, out, room, length),
      "fastly_http_req.uri_get": (handle, out, room, length) => putText(message(handle).url, out, room, length),
      "fastly_http_req.method_set": (handle, text, length) => {
        message(handle).method = textAt(text, length);
        return OK;
      },
      "fastly_http_req.uri_set": (handle, text, length) => {
        message(handle).url = textAt(text, length);
        return OK;
      },
      "fastly_http_req.cache_override_v2_set": () => OK,
      "fastly_http_req.auto_decompress_response_set": (handle, codings) => {
        message(handle).decompressGzip = codings !== 0;
        return OK;
      },
      "fastly_http_req.send_async": (request, body, backend, length, out) =>
        send(request, body, textAt(backend, length), false, out),
      "fastly_http_req.send_async_streaming": (request, body, backend, length, out) =>
        send(request, body, textAt(backend, length), true, out),
      "fastly_http_req.send_async_v2": (request, body, backend, length, isStreaming, out) =>
        send(request, body, textAt(backend, length), isStreaming !== 0, out),
      "fastly_http_req.pending_req_wait_v2": (handle, _detail, response, body) => {
        try {
          const { status, headers, body: source } = (objects.get(handle) as Pending).wait();
          putMessage(response, { status, headers });
          return putBody(body, source);
        } catch {
          return ERROR;
        }
      },
    };
  }

  function responseCalls(): HostCalls {
    return {
      "fastly_http_resp.status_get": (handle, out) => {
        view().setUint16(out, message(handle).status, true);
        return OK;
      },
      "fastly_http_resp.status_set": (handle, status) => {
        message(handle).status = status;
        return OK;
      },
      "fastly_http_resp.send_downstream": (handle, bodyHandle, isStreaming) => {
        const body = bodyOf(bodyHandle);
        const length = isStreaming === 0 ? knownLength(body) : undefined;
        const sink = outside.respond(message(handle).status, withoutFraming(message(handle)), length);
        flush(body, sink, isStreaming !== 0);
        return OK;
      },
    };
  }

  function bodyCalls(): HostCalls {
    return {
      "fastly_http_body.new": (out) => putBody(out),
      "fastly_http_body.read": (handle, address, room, length) => {
        try {
          const bytes = readBody(bodyOf(handle), room);
          bytesAt(address, room).set(bytes);
          return put32(length, bytes.length);
        } catch {
          return INCOMPLETE;
        }
      },
      "fastly_http_body.write": (handle, address, length, _end, written) => {
        const { chunks, sink } = bodyOf(handle);
        const bytes = bytesAt(address, length).slice();
        try {
          if (sink === undefined) chunks.push(bytes);
          else sink.write(bytes);
          return put32(written, length);
        } catch {
          return ERROR;
        }
      },
      "fastly_http_body.append": (handle, appended) => {
        const body = bodyOf(handle);
        const { chunks, source } = bodyOf(appended);
        try {
          if (body.sink !== undefined) pump(bodyOf(appended), body.sink);
          else body.chunks.push(...chunks.splice(0));
          if (body.sink === undefined && source !== undefined) body.source = source;
          return OK;
        } catch {
          return ERROR;
        }
      },
      "fastly_http_body.close": (handle) => {
        bodyOf(handle).sink?.close();
        return OK;
      },
      "fastly_http_body.abandon": (handle) => {
        bodyOf(handle).sink?.abandon();
        return OK;
      },
      "fastly_http_body.known_length": (handle, out) => {
        const length = knownLength(bodyOf(handle));
        if (length === undefined) return NONE;
        view().setBigUint64(out, BigInt(length), true);
        return OK;
      },
    };
  }

  function storeCalls(group: string, stores: Stores): HostCalls {
    return {
      [`${group}.open`]: (name, length, out) => {
        const store = stores[textAt(name, length)];
        return store === undefined ? NONE : putHandle(out, store);
      },
    };
  }

  function platformCalls(): HostCalls {
    return {
      "fastly_config_store.get": (store, key, keyLength, out, room, length) => {
        const value = storeOf(store)[textAt(key, keyLength)];
        return value === undefined ? NONE : putText(value, out, room, length);
      },
      "fastly_secret_store.get": (store, key, length, out) => {
        const value = storeOf(store)[textAt(key, length)];
        return value === undefined ? NONE : putHandle(out, value);
      },
      "fastly_secret_store.plaintext": (secret, out, room, length) =>
        putText(objects.get(secret) as string, out, room, length),
      "fastly_backend.exists": (name, length, out) =>
        put32(out, outside.backends.includes(textAt(name, length)) ? 1 : 0),
      "fastly_backend.is_healthy": (_name, _length, out) => put32(out, 0),
      "fastly_async_io.is_ready": (handle, out) => put32(out, waitable(handle).isReady() ? 1 : 0),
      "fastly_async_io.select": (handles, count, timeoutMs, out) => {
        const at = (place: number) => view().getUint32(handles + 4 * place, true);
        const waitables = Array.from({ length: count }, (_, place) => waitable(at(place)));
        return put32(out, outside.select(waitables, timeoutMs) ?? NOTHING_READY);
      },
      "fastly_log.endpoint_get": (name, length, out) => putHandle(out, textAt(name, length)),
      "fastly_log.write": (endpoint, address, length, written) => {
        outside.log(objects.get(endpoint) as string, bytesAt(address, length).slice());
        return put32(written, length);
      },
      // node:wasi's own function aborts the process on Node 20 if garbage is collected during the call.
      "wasi_snapshot_preview1.fd_write": (_descriptor, vectors, count, written) => {
        const at = (place: number) => view().getUint32(vectors + 4 * place, true);
        const parts = Array.from({ length: count }, (_, part) => bytesAt(at(2 * part), at(2 * part + 1)));
        const text = Buffer.concat(parts);
        outside.print(text);
        return put32(written, text.length);
      },
    };
  }
}

function withoutFraming({ headers }: Message): HeaderList {
  return headers.filter(([name]) => !FRAMING_HEADERS.includes(name.toLowerCase()));
}

function knownLength({ chunks, source }: Body): number | undefined {
  return source === undefined ? chunks.reduce((sum, { length }) => sum + length, 0) : undefined;
}

function readBody({ chunks, source }: Body, maxBytes: number): Uint8Array {
  const [first] = chunks;
  if (first === undefined) return source?.read(maxBytes) ?? new Uint8Array(0);
  if (first.length > maxBytes) chunks[0] = first.subarray(maxBytes);
  else chunks.shift();
  return first.subarray(0, maxBytes);
}

function pump(body: Body, sink: Sink): void {
  let bytes = readBody(body, PUMP_BYTES);
  while (bytes.length > 0) {
    sink.write(bytes);
    bytes = readBody(body, PUMP_BYTES);
  }
}

/** Sends the content of a body. If it is streaming, the program writes the rest. */
function flush(body: Body, sink: Sink, isStreaming: boolean): void {
  body.sink = sink;
  try {
    pump(body, sink);
    if (!isStreaming) sink.close();
  } catch {
    // The source broke off, or the receiver has disconnected. The receiver sees an incomplete body.
    sink.abandon();
  }
}
