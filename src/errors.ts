/**
 * The base class of this package's errors.
 *
 * @module
 */

/**
 * The base class of every error that this package throws or reports, except a `TypeError` or `RangeError` for an invalid
 * option. Match on `code`; the message is for people. Neither contains a key, a secret or content.
 *
 * @typeParam Code The codes of a subclass.
 */
export class SealedResultsError<Code extends string = string> extends Error {
  /** The name of the class. */
  override readonly name: string = "SealedResultsError";
  /** Why it was thrown. */
  declare readonly code: Code;
  /** The error behind it, if any: for logs. Declared here because `Error` has it only in the library of ES2022. */
  declare readonly cause?: unknown;

  /**
   * Creates the error.
   *
   * @param code Why it is thrown.
   * @param message For people.
   * @param options The `cause`: for a log, never for a client.
   */
  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
