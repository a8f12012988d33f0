/**
 * A client that writes HTTP/2 frames itself (RFC 9113), for behaviour that the client of `node:http2` does not have: it leaves
 * pings unacknowledged, never opens its window, and resets streams that have not ended.
 *
 * @module
 */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Types of frames (RFC 9113 §6). */
export const FRAME = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, WINDOW_UPDATE: 8 } as const;

const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;
const HEADER_BYTES = 9;

/** The state of a response. */
interface ResponseState {
  bytes: number;
  isWhole: boolean;
  isReset: boolean;
}

/** How the client behaves. */
export interface RawHttp2Options {
  /** `true` by default. */
  readonly acknowledgesPings?: boolean;
}

/** A client with prior knowledge, on one connection. It opens no window, and does not parse headers. */
export class RawHttp2Client {
  readonly #socket: Socket;
  readonly #responses = new Map<number, ResponseState>();
  #rest: Uint8Array = new Uint8Array(0);
  #acknowledgedPings = 0;
  #changed: () => void = () => {};

  private constructor(socket: Socket, { acknowledgesPings = true }: RawHttp2Options) {
    this.#socket = socket;
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => this.#changed());
    socket.on("data", (data: Uint8Array) => {
      this.#rest = new Uint8Array([...this.#rest, ...data]);
      while (this.#readFrame(acknowledgesPings));
      this.#changed();
    });
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    this.send(FRAME.SETTINGS, 0, new Uint8Array(0));
  }

  /** Connects to a server on this machine. */
  static async connect(port: number, options: RawHttp2Options = {}): Promise<RawHttp2Client> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawHttp2Client(socket, options);
  }

  /** Sends a frame. */
  send(type: number, stream: number, payload: Uint8Array, flags = 0): void {
    const frame = new Uint8Array(HEADER_BYTES + payload.length);
    const view = new DataView(frame.buffer);
    view.setUint16(1, payload.length); // The payloads of tests are short.
    view.setUint8(3, type);
    view.setUint8(4, flags);
    view.setUint32(5, stream);
    frame.set(payload, HEADER_BYTES);
    this.#socket.write(frame);
  }

  /** Sends the headers of a `POST` whose body follows. The path is short ASCII. */
  startPost(stream: number, path: string): void {
    // RFC 7541: POST and http from the static table, then :path and :authority with literal values, not indexed.
    const pathBytes = new TextEncoder().encode(path);
    const headers = Uint8Array.of(0x83, 0x86, 0x04, pathBytes.length, ...pathBytes, 0x01, 1, 0x61);
    this.send(FRAME.HEADERS, stream, headers, END_HEADERS);
  }

  /** Resolves when the server has acknowledged a ping, and therefore has read everything that was sent before. */
  async ping(): Promise<void> {
    const count = this.#acknowledgedPings + 1;
    this.send(FRAME.PING, 0, new Uint8Array(8));
    await this.until(() => this.#acknowledgedPings >= count);
  }

  /** Resolves when `holds` does, or the connection is closed. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#socket.destroyed) await new Promise<void>((resolve) => this.#changed = resolve);
  }

  /** How many bytes of a response's body have arrived. */
  bytesOf(stream: number): number {
    return this.#responses.get(stream)?.bytes ?? 0;
  }

  /** Whether a response has arrived to its end. */
  isWhole(stream: number): boolean {
    return this.#responses.get(stream)?.isWhole === true;
  }

  /** Whether a response has ended, or was reset. */
  isOver(stream: number): boolean {
    return this.isWhole(stream) || this.#responses.get(stream)?.isReset === true;
  }

  /** Closes the connection. */
  close(): void {
    this.#socket.destroy();
  }

  /** Handles the first frame of what has arrived; `false` if it is not complete. */
  #readFrame(acknowledgesPings: boolean): boolean {
    if (this.#rest.length < HEADER_BYTES) return false;
    const view = new DataView(this.#rest.buffer);
    const end = HEADER_BYTES + (view.getUint32(0) >>> 8);
    if (this.#rest.length < end) return false;
    const [type, flags, stream] = [view.getUint8(3), view.getUint8(4), view.getUint32(5)];
    const payload = this.#rest.slice(HEADER_BYTES, end);
    this.#rest = this.#rest.slice(end);
    if (type === FRAME.SETTINGS && flags !== ACK) this.send(FRAME.SETTINGS, 0, new Uint8Array(0), ACK);
    if (type === FRAME.PING && flags === ACK) this.#acknowledgedPings++;
    if (type === FRAME.PING && flags !== ACK && acknowledgesPings) this.send(FRAME.PING, 0, payload, ACK);
    if (type === FRAME.DATA || type === FRAME.HEADERS || type === FRAME.RST_STREAM) {
      const response = this.#responses.get(stream) ?? { bytes: 0, isWhole: false, isReset: false };
      if (type === FRAME.DATA) response.bytes += payload.length;
      if (type === FRAME.RST_STREAM) response.isReset = true;
      else if ((flags & END_STREAM) !== 0) response.isWhole = true;
      this.#responses.set(stream, response);
    }
    return true;
  }
}
