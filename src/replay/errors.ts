/**
 * The error class of the replay guard, and its codes.
 *
 * @module
 */

import { SealedResultsError } from "../errors.ts";

/**
 * Why an event was refused.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_REPLAY_INCOMPLETE` | the event has no usable id (1 to 256 visible ASCII characters) or no time |
 * | `ERR_REPLAY_STALE` | it is older than `maxAgeMs` |
 * | `ERR_REPLAY_FUTURE` | its time is more than `clockSkewMs` ahead of ours |
 * | `ERR_REPLAY_FLAGGED` | Fingerprint flagged it: the agent's request was sent before |
 * | `ERR_REPLAY_MISMATCH` | it does not match what the request claims; `claim` says which claim |
 * | `ERR_REPLAY_SEEN` | its id has been used before |
 * | `ERR_REPLAY_STORE` | the store failed, was too slow or did not return a boolean |
 */
export type ReplayErrorCode =
  | "ERR_REPLAY_INCOMPLETE"
  | "ERR_REPLAY_STALE"
  | "ERR_REPLAY_FUTURE"
  | "ERR_REPLAY_FLAGGED"
  | "ERR_REPLAY_MISMATCH"
  | "ERR_REPLAY_SEEN"
  | "ERR_REPLAY_STORE";

/** The name of a claim of a request about its event. */
export type ClaimName = "id" | "ip" | "origin" | "linkedId";

/**
 * The error of a replay guard. Match on `code`; the message is for people.
 *
 * It quotes neither event nor claim. Only the one that `onError` gets has a `cause`, because an error of a store may
 * contain a connection string.
 */
export class ReplayError extends SealedResultsError<ReplayErrorCode> {
  /** Always `ReplayError`. */
  override readonly name: string = "ReplayError";
  /** With `ERR_REPLAY_MISMATCH`: the first claim that does not match the event. */
  declare readonly claim?: ClaimName;

  /**
   * Creates the error.
   *
   * @param code Why the event was refused.
   * @param message For people.
   * @param options.claim With `ERR_REPLAY_MISMATCH`: the first claim that does not match.
   * @param options.cause The store's error.
   */
  constructor(
    code: ReplayErrorCode,
    message: string,
    options: { readonly claim?: ClaimName; readonly cause?: unknown } = {},
  ) {
    super(code, message, options);
    if (options.claim !== undefined) this.claim = options.claim;
  }
}
