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

/** All causes. The type ensures that the list is complete. */
const REASONS: Readonly<Record<InflateReason, 1>> = {
  "truncated": 1,
  "block-type": 1,
  "stored-length": 1,
  "code-counts": 1,
  "precode-oversubscribed": 1,
  "precode-incomplete": 1,
  "repeat-without-length": 1,
  "repeat-too-long": 1,
  "end-of-block-missing": 1,
  "litlen-oversubscribed": 1,
  "litlen-incomplete": 1,
  "distance-oversubscribed": 1,
  "distance-incomplete": 1,
  "litlen-symbol": 1,
  "distance-symbol": 1,
  "distance-too-far": 1,
  "trailing-bytes": 1,
  "output-too-large": 1,
};

/** Whether a value is one of the causes. */
export function isInflateReason(value: unknown): value is InflateReason {
  return typeof value === "string" && Object.hasOwn(REASONS, value);
}

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
