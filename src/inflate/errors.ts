/**
 * The reasons for which a raw DEFLATE stream is refused: one literal for each cause.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";

/**
 * The causes. zlib distinguishes all but the last two as well; it leaves trailing bytes to its caller.
 *
 * | reason | the stream … |
 * | --- | --- |
 * | `truncated` | ends before its final block does |
 * | `block-type` | has a block of the reserved type 3 |
 * | `stored-length` | has a stored block whose LEN and NLEN disagree |
 * | `code-counts` | declares more than 286 literal/length or 30 distance codes |
 * | `precode-oversubscribed` | has too many code length codes for their lengths |
 * | `precode-incomplete` | has too few code length codes for their lengths |
 * | `repeat-without-length` | repeats a code length before giving one |
 * | `repeat-too-long` | repeats a code length past the declared counts |
 * | `end-of-block-missing` | has a block whose code cannot express its end |
 * | `litlen-oversubscribed` | has too many literal/length codes for their lengths |
 * | `litlen-incomplete` | has too few literal/length codes for their lengths |
 * | `distance-oversubscribed` | has too many distance codes for their lengths |
 * | `distance-incomplete` | has too few distance codes for their lengths |
 * | `litlen-symbol` | uses a literal/length code without a meaning |
 * | `distance-symbol` | uses a distance code without a meaning |
 * | `distance-too-far` | copies from before the start of the output |
 * | `trailing-bytes` | is followed by other bytes |
 * | `output-too-large` | produces more than the caller allows |
 */
export type InflateReason =
  | "truncated"
  | "block-type"
  | "stored-length"
  | "code-counts"
  | "precode-oversubscribed"
  | "precode-incomplete"
  | "repeat-without-length"
  | "repeat-too-long"
  | "end-of-block-missing"
  | "litlen-oversubscribed"
  | "litlen-incomplete"
  | "distance-oversubscribed"
  | "distance-incomplete"
  | "litlen-symbol"
  | "distance-symbol"
  | "distance-too-far"
  | "trailing-bytes"
  | "output-too-large";

/**
 * Thrown for a stream that is not exactly one complete raw DEFLATE stream of the allowed size. It quotes no content.
 */
export class InflateError extends SealedResultsError<"ERR_DEFLATE"> {
  /** Always `InflateError`. */
  override readonly name: string = "InflateError";
  /** What is wrong with the stream. */
  declare readonly reason: InflateReason;

  /**
   * Creates the error.
   *
   * @param reason The cause.
   */
  constructor(reason: InflateReason) {
    super("ERR_DEFLATE", `Cannot inflate: ${reason}`);
    this.reason = reason;
  }
}
