/**
 * Reads IP addresses, in the spellings of servers and gateways, so that they can be compared and sent.
 *
 * @module
 */

/** An address that was read. */
export interface Address {
  /** The address alone: a dotted quad, also for IPv4-mapped IPv6, or IPv6 as it was written. */
  readonly text: string;
  /** Eight 16-bit groups, with IPv4 as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2): equal addresses have equal groups. */
  readonly groups: readonly number[];
}

/** Why a value is not an address, for a message that names the value before it. */
export interface AddressFault {
  readonly fault: string;
}

/** The longest spelling: in brackets, six groups of four digits and a dotted quad, a zone of 64 characters, a port. */
const MAX_CHARACTERS = "[0000:0000:0000:0000:0000:0000:255.255.255.255%]:65535".length + 64;

const NOT_AN_ADDRESS: AddressFault = { fault: "is not an IP address" };

const IPV4_MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0xffff];

/**
 * Reads an address.
 *
 * @param value Untrusted. IPv4 as four decimal numbers without leading zeros, which some parsers read as octal; IPv6 in
 * every form of RFC 4291 §2.2. Brackets, a port and a zone (`fe80::1%eth0`) are left out. IPv6 with a port needs the
 * brackets, or all its eight groups, as CloudFront writes it.
 * @returns The address, or why the value is not one. The reason never quotes the value.
 */
export function readAddress(value: unknown): Address | AddressFault {
  if (typeof value !== "string" || value === "") return { fault: "is missing" };
  if (value.includes(",")) return { fault: "is a list of addresses: fromHeader() selects one" };
  if (value.length > MAX_CHARACTERS) return NOT_AN_ADDRESS;
  const bare = withoutPort(value).replace(/^([^%]*:[^%]*)%[\w.%-]+$/, "$1"); // IPv4 has no zones
  const groups = parseGroups(bare);
  if (groups === undefined) return NOT_AN_ADDRESS;
  const isMapped = IPV4_MAPPED.every((group, index) => groups[index] === group);
  return { groups, text: isMapped ? groups.slice(6).flatMap((group) => [group >> 8, group & 255]).join(".") : bare };
}

/** Whether two untrusted texts denote the same address. */
export function isSameAddress(one: Address, other: Address): boolean {
  return one.groups.every((group, index) => group === other.groups[index]);
}

/** Leaves out brackets around IPv6, and a port of 1 to 5 digits. Other brackets and ports remain, and are refused. */
function withoutPort(text: string): string {
  return /^\[([^[\]]*:[^[\]]*)\](?::[0-9]{1,5})?$/.exec(text)?.[1] ??
    /^([^:]*\.[^:]*|(?:[^:]+:){7}[^:]+):[0-9]{1,5}$/.exec(text)?.[1] ?? text;
}

function parseGroups(text: string): readonly number[] | undefined {
  if (!text.includes(":")) {
    const quad = parseDottedQuad(text);
    return quad && [...IPV4_MAPPED, ...quad];
  }
  const [head = "", tail, ...more] = text.split("::");
  if (tail === undefined) {
    const groups = parseRun(head, "quad");
    return groups?.length === 8 ? groups : undefined;
  }
  const before = parseRun(head);
  const after = parseRun(tail, "quad");
  if (more.length > 0 || before === undefined || after === undefined) return undefined;
  const left = 8 - before.length - after.length;
  return left >= 1 ? [...before, ...new Array<number>(left).fill(0), ...after] : undefined;
}

/** Parses groups of 1 to 4 hexadecimal digits between colons; empty text has no group. */
function parseRun(text: string, last?: "quad"): number[] | undefined {
  const groups: number[] = [];
  if (text === "") return groups;
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (last === "quad" && index === parts.length - 1 && part.includes(".")) {
      const quad = parseDottedQuad(part);
      return quad && [...groups, ...quad];
    }
    if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
    groups.push(parseInt(part, 16));
  }
  return groups;
}

/** Parses an IPv4 address into the two groups that it has in an IPv6 address. */
function parseDottedQuad(text: string): [number, number] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number]; // the length is checked
  return Math.max(a, b, c, d) > 255 ? undefined : [a << 8 | b, c << 8 | d];
}
