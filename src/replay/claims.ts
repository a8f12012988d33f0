/**
 * Compares the claims of a request about its event with the event.
 *
 * @module
 */

import type { EventSummary } from "../event/summary.ts";
import { wrongType } from "../options.ts";
import { isSameAddress, readAddress } from "../http/address.ts";
import { type ClaimName, ReplayError } from "./errors.ts";

/**
 * The claims of a request about its event.
 *
 * Every property that is present is compared, whatever its value. `undefined` and `null`, the values of a missing
 * header, match no event, so that a client cannot disable the comparison by omitting a header. To claim nothing, leave
 * the property out.
 */
export interface EventClaims {
  /** The event's id, if the page sends it with the sealed result. Compared character by character. */
  readonly id?: string | null | undefined;
  /**
   * The visitor's address as your own edge server sees it. The visitor can write the left-most entry of
   * `X-Forwarded-For`; `fromHeader` selects the entry of your own proxy. Compared as an address: `::ffff:192.0.2.1` and
   * `192.0.2.1:443` are `192.0.2.1`, `[2001:DB8::1]` is `2001:db8:0:0:0:0:0:1`. What is no address matches no event, and
   * the message says so. An event can have an address of each version, as the browser has reached Fingerprint by both:
   * each matches. When it has one, a visitor who reaches you over the other version is refused, unless both go through
   * the same proxy.
   */
  readonly ip?: string | null | undefined;
  /**
   * The origin of the request: its `Origin` header, or any http or https URL. Its origin is compared with that of the
   * event's URL. An opaque origin (`null`) matches no event.
   */
  readonly origin?: string | null | undefined;
  /**
   * The `linkedId` that your page passed to the agent, from your session. A sealed result that was stolen before its
   * first use is then refused in any other session. Compared character by character; empty text matches no event.
   */
  readonly linkedId?: string | null | undefined;
}

/** What the event has for a claim: any of these matches. */
const READERS: Readonly<Record<ClaimName, (summary: EventSummary) => readonly (string | undefined)[]>> = {
  id: ({ id }) => [id],
  ip: ({ ip, ipv4, ipv6 }) => [ip, ipv4, ipv6],
  origin: ({ url }) => [url],
  linkedId: ({ linkedId }) => [linkedId],
};

/** The names of all claims, in the order in which they are compared. */
export const CLAIM_NAMES: readonly ClaimName[] = ["id", "ip", "origin", "linkedId"];

/**
 * Checks that claims are a plain object with known names. Anything else is a mistake of the application that would
 * leave a claim uncompared: `null`, a `Map`, `Headers`, a promise, an object with inherited properties, a misspelt
 * name.
 *
 * @param claims The application's value.
 * @param names The names that are accepted.
 * @returns A copy without a prototype.
 * @throws {TypeError} When `claims` is anything else.
 */
export function checkClaims<Name extends ClaimName>(
  claims: unknown,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  if (!isPlainObject(claims)) throw wrongType("claims", "a plain object", claims);
  for (const name of Reflect.ownKeys(claims)) {
    if (!(names as readonly (string | symbol)[]).includes(name)) {
      throw new TypeError(`claims must have no other properties than ${names.join(", ")}`);
    }
  }
  const copy: Partial<Record<Name, unknown>> = Object.create(null);
  for (const name of names) {
    // Includes properties that are not enumerable, which a spread would skip.
    if (Object.hasOwn(claims, name)) copy[name] = claims[name];
  }
  return copy;
}

/**
 * Compares claims with an event.
 *
 * @param claims What {@linkcode checkClaims} returned: untrusted values under trusted names.
 * @returns The error for the first claim that does not match the event, if there is one.
 */
export function findMismatch(
  summary: EventSummary,
  claims: Partial<Record<ClaimName, unknown>>,
): ReplayError | undefined {
  for (const claim of CLAIM_NAMES) {
    const reason = claim in claims ? compare(claim, READERS[claim](summary), claims[claim]) : undefined;
    if (reason !== undefined) {
      return new ReplayError("ERR_REPLAY_MISMATCH", `Cannot accept event: ${reason}`, { claim });
    }
  }
  return undefined;
}

/** An IPv4 address as servers write it. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;

/** Why a claimed value matches none of the event's; `undefined` if it matches one. */
function compare(name: ClaimName, actual: readonly (string | undefined)[], claimed: unknown): string | undefined {
  if (typeof claimed !== "string" || claimed === "") return `the claimed ${name} is missing`;
  // The usual case: parsing took 5 of the 18 µs that verify() took beside opening, on Node 24.
  if (name === "ip" && IPV4.test(claimed) && actual.includes(claimed)) return undefined;
  const address = name === "ip" ? readAddress(claimed) : undefined;
  // A mistake of the application, such as a header with a list, and not of the visitor.
  if (address !== undefined && "fault" in address) return `the claimed ip ${address.fault}`;
  const isSame = (one: string | undefined): boolean => {
    if (name === "origin") return one !== undefined && isSameOrigin(one, claimed);
    if (address === undefined) return one === claimed;
    const seen = readAddress(one);
    return "groups" in seen && isSameAddress(seen, address);
  };
  return actual.some(isSame) ? undefined : `differs from the claimed ${name}`;
}

/** Whether the prototype of `value` is an `Object.prototype`, of any realm, or `null`. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf"));
}

/** Whether two untrusted URLs have the same origin. A URL without an origin, or with an opaque one, matches nothing. */
function isSameOrigin(one: string, other: string): boolean {
  const origin = originOf(one);
  return origin !== undefined && origin === originOf(other);
}

/** The origin of an http or https URL. Runtimes disagree about which other schemes have an origin. */
function originOf(text: string): string | undefined {
  try {
    const { protocol, origin } = new URL(text);
    return protocol === "https:" || protocol === "http:" ? origin : undefined;
  } catch {
    return undefined;
  }
}
