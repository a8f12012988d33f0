/**
 * The errors of Fingerprint's Node SDKs, but without the key that the SDKs' errors contain.
 *
 * @module
 */

import type { DecryptionKey } from "./keys.ts";

/** Why one key did not open the sealed data. Unlike the SDKs' error of this name, it does not contain the key. */
export class UnsealError extends Error {
  /** Always `UnsealError`. */
  override readonly name: string = "UnsealError";
  /** The error behind it. `error.code` is one of the codes of this package's own `UnsealError`. */
  readonly error: Error | undefined;

  /**
   * Creates the error.
   *
   * @param _key Ignored. It exists so that the parameters are the same as in the SDKs.
   * @param error The error behind it.
   */
  constructor(_key: DecryptionKey | undefined, error?: Error) {
    super(error === undefined ? CANNOT_DECRYPT : `${CANNOT_DECRYPT}: ${error.message}`);
    this.error = error;
  }
}

/** No key opened the sealed data. `errors` has one error for each key. */
export class UnsealAggregateError extends Error {
  /** Always `UnsealAggregateError`. */
  override readonly name: string = "UnsealAggregateError";
  /** One error for each key, in their order. */
  readonly errors: UnsealError[];

  /**
   * Creates the error.
   *
   * @param errors One error for each key, in their order.
   */
  constructor(errors: UnsealError[]) {
    super(CANNOT_DECRYPT);
    this.errors = errors;
  }

  /** Adds the error of another key. */
  addError(error: UnsealError): void {
    this.errors.push(error);
  }

  /** The errors as text, one per line. */
  override toString(): string {
    return this.errors.map((error) => error.toString()).join("\n");
  }
}

const CANNOT_DECRYPT = "Unable to decrypt sealed data";
