/**
 * The action that a ruleset chose for the request of a v4 event.
 *
 * @module
 */

/** The action of the matching rule. Check `type` to distinguish the two. */
export type RuleActionV4 = AllowActionV4 | BlockActionV4;

/** The rule that matched. */
export interface MatchedRuleV4 {
  /** The ruleset that was evaluated. */
  readonly ruleset_id: string;
  /** The rule that matched. */
  readonly rule_id?: string;
  /** The rule's expression, such as `bot in ["bad"] || incognito`. */
  readonly rule_expression?: string;
}

/** Forward the request. */
export interface AllowActionV4 extends MatchedRuleV4 {
  /** `allow`. */
  readonly type: "allow";
  /** How to change the request's headers before it is forwarded. */
  readonly request_header_modifications?: HeaderModificationsV4;
}

/** Answer the request with this response. */
export interface BlockActionV4 extends MatchedRuleV4 {
  /** `block`. */
  readonly type: "block";
  /** The response's status, such as 403. */
  readonly status_code?: number;
  /** The response's headers. */
  readonly headers?: HeaderFieldV4[];
  /** The response's body. */
  readonly body?: string;
}

/** Changes to headers, in this order: `remove`, `set`, `append`. */
export interface HeaderModificationsV4 {
  /** The names of headers to remove. */
  readonly remove?: string[];
  /** Headers to set in place of those with the same name. */
  readonly set?: HeaderFieldV4[];
  /** Headers to add. */
  readonly append?: HeaderFieldV4[];
}

/** A header. */
export interface HeaderFieldV4 {
  /** Its name. */
  readonly name: string;
  /** Its value. */
  readonly value: string;
}
