/**
 * The environment of a Fastly Compute program: its client, the backends, the stores and the logs.
 *
 * The engine's host calls are synchronous, so each method here blocks until it has a result.
 *
 * @module
 */

/** Headers: unchanged names, and values as Latin-1 text. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface OutgoingRequest {
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderList;
  /** Whether a gzip body of the response is decoded on its way to the program. */
  readonly decompressGzip: boolean;
}

export interface IncomingResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Source;
}

/** An object that the program can wait for. */
export interface Waitable {
  isReady(): boolean;
}

/** An incoming body. */
export interface Source extends Waitable {
  /** The next bytes, at most `maxBytes`; none at the end. Throws when the body broke off. */
  read(maxBytes: number): Uint8Array;
}

/** An outgoing body. */
export interface Sink {
  /** Throws when the receiver has disconnected. */
  write(bytes: Uint8Array): void;
  close(): void;
  /** Ends the body so that its receiver sees that it is incomplete. */
  abandon(): void;
}

/** A pending request. */
export interface Pending extends Waitable {
  /** Throws when the backend cannot be reached. */
  wait(): IncomingResponse;
}

/** Named stores of named texts. */
export type Stores = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Outside {
  readonly client: {
    readonly method: string;
    readonly url: string;
    readonly headers: HeaderList;
    /** Four or sixteen bytes. */
    readonly address: Uint8Array;
    readonly body: Source;
  };
  readonly backends: readonly string[];
  readonly configStores: Stores;
  readonly secretStores: Stores;
  /** Starts the response to the client. `length` is known when the body is complete. */
  respond(status: number, headers: HeaderList, length: number | undefined): Sink;
  /** Starts a request to a backend. */
  send(request: OutgoingRequest, length: number | undefined): { readonly pending: Pending; readonly body: Sink };
  /** Waits until one is ready and returns its index, or `undefined` after a timeout. 0 means no limit. */
  select(waitables: readonly Waitable[], timeoutMs: number): number | undefined;
  log(endpoint: string, line: Uint8Array): void;
  /** The output of the program: that of `console`, and of the engine itself. */
  print(text: Uint8Array): void;
}
