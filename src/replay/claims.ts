/**
 * Comparing what a request claims of its event with what is sealed in it.
 *
 * @module
 */

import { ownProperties } from "../options.ts";
import type { EventSummary } from "../core/summary.ts";
import { isSameAddress } from "./address.ts";
import type { ClaimName } from "./errors.ts";

/**
 * What a request claims of its event.
 *
 * A property that is there is a claim, whatever its value: `undefined` and `null`, which is how a missing header reads,
 * agree with nothing, so that leaving a header out does not switch the comparison off. To claim nothing, leave the
 * property out.
 */
export interface EventClaims {
  /** The event's id, where the page sends it beside the sealed result. Compared character by character. */
  readonly id?: string | null | undefined;
  /**
   * The visitor's address as your own edge sees it; the left-most entry of `X-Forwarded-For` is the visitor's to write.
   * Compared as an address: `::ffff:192.0.2.1` is `192.0.2.1`, `2001:DB8::1` is `2001:db8:0:0:0:0:0:1`. A visitor may
   * reach Fingerprint over IPv4 and you over IPv6, unless both go through the same proxy.
   */
  readonly ip?: string | null | undefined;
  /**
   * Where the request comes from: its `Origin` header, or any http or https URL. Only the origins of it and of the
   * event's URL are compared; an opaque one (`null`) agrees with nothing.
   */
  readonly origin?: string | null | undefined;
}

const COMPARISONS: Readonly<Record<ClaimName, (summary: EventSummary, claim: string) => boolean>> = {
  id: (summary, claim) => summary.id === claim,
  ip: (summary, claim) => summary.ip !== undefined && isSameAddress(summary.ip, claim),
  origin: (summary, claim) => summary.url !== undefined && isSameOrigin(summary.url, claim),
};

/**
 * Compares claims, in the order id, ip, origin.
 *
 * @param claims Untrusted values under trusted names.
 * @returns The name of the first claim that the event does not bear out, if there is one.
 * @throws {TypeError} When a claim has another name: it would be believed to have been compared.
 */
export function findMismatch(summary: EventSummary, claims: EventClaims): ClaimName | undefined {
  const own = ownProperties<Readonly<Record<string, unknown>>>({ ...claims });
  for (const name of Object.keys(own)) {
    if (!Object.hasOwn(COMPARISONS, name)) throw new TypeError("claims may have the properties id, ip and origin");
  }
  // These are the keys of the record.
  return (Object.keys(COMPARISONS) as ClaimName[]).find((name) => {
    const claim = own[name];
    return name in own && !(typeof claim === "string" && COMPARISONS[name](summary, claim));
  });
}

/** Whether two untrusted URLs have the same origin; what has none, or an opaque one, is the same as nothing. */
function isSameOrigin(one: string, other: string): boolean {
  const origin = originOf(one);
  return origin !== undefined && origin === originOf(other);
}

/** Of http and https alone: runtimes disagree about which other schemes have an origin. */
function originOf(text: string): string | undefined {
  try {
    const { protocol, origin } = new URL(text);
    return protocol === "https:" || protocol === "http:" ? origin : undefined;
  } catch {
    return undefined;
  }
}
