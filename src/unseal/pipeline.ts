/**
 * The pipeline from sealed result to event. Both unsealers, the asynchronous and the synchronous one, run this code.
 *
 * @module
 */

import { DEFAULT_MAX_OUTPUT_BYTES, inflateTo } from "../inflate/decode.ts";
import { InflateError } from "../inflate/errors.ts";
import type { Inflate } from "../inflate/inflate-raw.ts";
import { checkByteLimit, checkFunction, knownOptions } from "../options.ts";
import { type Bytes, copyOf, viewOf } from "../encoding/bytes.ts";
import { zero } from "../encoding/zero.ts";
import { checkCipher, type Cipher } from "./cipher.ts";
import { openEnvelope } from "./envelope.ts";
import { isInstance } from "../thrown.ts";
import { asUnsealError, UnsealError } from "./errors.ts";
import type { EventVersion } from "../event/event.ts";
import { checkVersion, parseEvent } from "./parse-event.ts";
import { createKeyring, type Keyring } from "./keyring.ts";
import { type MaybePromise, settle } from "../promise.ts";
import { checkSchema, type StandardSchema, validate } from "./schema.ts";
import { type SealedResult, toBytes } from "./sealed.ts";
import type { UnsealerOptions } from "./options.ts";
import type { SyncUnsealer, Unsealer } from "./unsealer.ts";

/** 4 MiB. */
const DEFAULT_MAX_SEALED_BYTES = 4 << 20;

/** All options of an unsealer. */
export interface PipelineOptions extends UnsealerOptions {
  readonly version?: EventVersion | undefined;
  readonly schema?: StandardSchema | undefined;
}

/** The names of the options of `unseal()`, whose key is an argument. */
export const UNSEAL_OPTIONS: Readonly<Record<Exclude<keyof PipelineOptions, "keys">, 1>> = {
  cipher: 1,
  inflate: 1,
  version: 1,
  schema: 1,
  maxSealedBytes: 1,
  maxEventBytes: 1,
  dangerouslyAllowBrowser: 1,
};

/** Performs an operation, which returns a promise only if one of its steps does. */
type Perform = <Result>(operation: () => MaybePromise<Result>) => MaybePromise<Result>;
type PerformAsync = <Result>(operation: () => MaybePromise<Result>) => Promise<Result>;
type PerformSync = <Result>(operation: () => MaybePromise<Result>) => Result;

/** An unsealer, and its keys. */
export interface Pipeline<Operations> {
  readonly unsealer: Operations;
  readonly keyring: Keyring;
}

/** A pipeline whose operations are synchronous. */
export interface SyncPipeline extends Pipeline<SyncUnsealer<unknown>> {
  /** Opens a sealed result without a copy: `read` gets a view of memory that is zeroed and reused when it returns. */
  run<Content, Result>(
    sealed: SealedResult,
    read: (inflated: Uint8Array) => Content,
    finish: (content: Content, keyId: string) => Result,
  ): Result;
}

/**
 * Checks the options and imports the keys.
 *
 * @param options The caller's options.
 * @param perform Performs each operation of the unsealer, whose result is a promise or is not.
 * @param defaultCipher Creates the cipher when the options have none; without it they must have one.
 */
export function createPipeline(
  options: PipelineOptions,
  perform: PerformAsync,
  defaultCipher: () => Cipher,
): Pipeline<Unsealer<unknown>>;
export function createPipeline(options: PipelineOptions, perform: PerformSync): SyncPipeline;
export function createPipeline(
  options: PipelineOptions,
  perform: Perform,
  defaultCipher?: () => Cipher,
): Pipeline<unknown> & { readonly run?: unknown } {
  const own = knownOptions(options, { ...UNSEAL_OPTIONS, keys: 1 });
  // A page has a window and a document; a worker has neither.
  const { window, document } = globalThis as { window?: unknown; document?: unknown };
  if (window && document && own.dangerouslyAllowBrowser !== true) {
    throw new UnsealError(
      "ERR_BROWSER",
      "Keys must not be in a page. For tests, set @jest-environment node, @vitest-environment node or dangerouslyAllowBrowser",
    );
  }
  const { maxSealedBytes = DEFAULT_MAX_SEALED_BYTES, maxEventBytes = DEFAULT_MAX_OUTPUT_BYTES } = own;
  checkByteLimit("maxSealedBytes", maxSealedBytes);
  checkByteLimit("maxEventBytes", maxEventBytes);
  const inflate = own.inflate === undefined ? inflateTo : checked(checkFunction("inflate", own.inflate));
  const version = checkVersion(own.version);
  const schema = checkSchema(own.schema);
  const cipher = checkCipher(own.cipher === undefined ? defaultCipher?.() : own.cipher);
  const keyring = createKeyring(own.keys, cipher);

  /**
   * Opens a sealed result. Every error after decryption is an error in the content.
   *
   * @param read Reads the inflated bytes. They are a view of memory that is zeroed and reused when `read` returns.
   * @param finish Creates the result from the content that `read` returned.
   */
  const run = <Content, Result>(
    sealed: SealedResult,
    read: (inflated: Uint8Array) => Content,
    finish: (content: Content, keyId: string) => MaybePromise<Result>,
  ) =>
    perform(() =>
      keyring.open(openEnvelope(toBytes(sealed, maxSealedBytes)), (compressed, keyId) =>
        settle(
          () => inflate(compressed, maxEventBytes, read),
          (content) => {
            zero(compressed);
            return finish(content, keyId);
          },
          (error) => {
            zero(compressed);
            throw asUnsealError(error, inflateFailure);
          },
        ))
    );

  const readEvent = (inflated: Uint8Array) => parseEvent(inflated, version);
  const accept = (event: unknown) => schema === undefined ? event : validate(schema, event);
  const unsealer = {
    unseal: (sealed: SealedResult) => run(sealed, readEvent, accept),
    open: (sealed: SealedResult) =>
      run(
        sealed,
        (inflated) => ({ event: readEvent(inflated), bytes: copyOf(inflated) }),
        ({ event, bytes }, keyId) =>
          settle(
            () => accept(event),
            (event) => ({ event, keyId, bytes }),
            (error) => {
              zero(bytes);
              throw error;
            },
          ),
      ),
    openBytes: (sealed: SealedResult) => run(sealed, copyOf, (bytes, keyId) => ({ bytes, keyId })),
    usage: keyring.usage,
  };
  return { unsealer: Object.freeze(unsealer), keyring, run };
}

/** An inflater as the pipeline calls it: it passes its output to `read` in place. */
type InflateTo = <Content>(
  data: Bytes,
  maxOutputBytes: number,
  read: (inflated: Uint8Array) => Content,
) => MaybePromise<Content>;

/** Wraps the caller's inflater and checks its output. */
function checked(inflate: Inflate): InflateTo {
  return (data, maxOutputBytes, read) =>
    settle(
      () => inflate(data, maxOutputBytes),
      (output) => {
        const inflated = viewOf(output);
        if (inflated === undefined) {
          throw new UnsealError("ERR_DEFLATE", "Cannot inflate event: inflate returned no bytes");
        }
        if (inflated.length > maxOutputBytes) throw new InflateError("output-too-large");
        try {
          return read(inflated);
        } finally {
          zero(inflated);
        }
      },
    );
}

/** Creates the error for an error of an inflater. */
function inflateFailure(error: unknown): UnsealError {
  if (!isInstance(error, InflateError)) return new UnsealError("ERR_DEFLATE", "Cannot inflate event: inflate failed");
  const { reason } = error;
  return reason === "output-too-large"
    ? new UnsealError("ERR_EVENT_TOO_LARGE", "Cannot inflate event: over maxEventBytes")
    : new UnsealError("ERR_DEFLATE", `Cannot inflate event: ${reason}`, { reason });
}
