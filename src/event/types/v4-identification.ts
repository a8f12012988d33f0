/**
 * The visitor of a v4 event.
 *
 * @module
 */

/** The visitor. */
export interface IdentificationV4 {
  /** The visitor id, about 20 characters. */
  readonly visitor_id: string;
  /** How sure the identification is. */
  readonly confidence?: IdentificationConfidenceV4;
  /** Whether the visitor was known before. */
  readonly visitor_found: boolean;
  /** When the visitor was first seen, in Unix milliseconds. */
  readonly first_seen_at?: number;
  /** When the visitor was last seen, in Unix milliseconds. */
  readonly last_seen_at?: number;
}

/**
 * A visitor id that recognises more returning browsers than {@linkcode IdentificationV4}, and confuses more of them.
 */
export interface HighRecallIdV4 {
  /** The id, at most 25 characters. */
  readonly visitor_id: string;
  /** Whether the browser was known before. */
  readonly visitor_found: boolean;
  /** Not supported yet: a score of 0. */
  readonly confidence?: IdentificationConfidenceV4;
  /** When the browser was first seen, in Unix milliseconds. */
  readonly first_seen_at?: number;
  /** When the browser was last seen, in Unix milliseconds. */
  readonly last_seen_at?: number;
}

/** How sure an identification is. */
export interface IdentificationConfidenceV4 {
  /** From 0 to 1. */
  readonly score: number;
  /** The method's version, such as `1.1`. */
  readonly version?: string;
  /** A remark, such as on bot signals that lower the score. */
  readonly comment?: string;
}
