/**
 * Compares IP addresses by value, not by spelling.
 *
 * @module
 */

/** The longest spelling: six groups of four digits, then a dotted quad of three digits each. */
const MAX_CHARACTERS = "0000:0000:0000:0000:0000:0000:255.255.255.255".length;

/** The prefix of an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2). */
const IPV4_MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0xffff];

/**
 * Parses an address.
 *
 * @param text Untrusted. IPv4 as four decimal numbers without leading zeros, which some parsers read as octal; IPv6 in
 * every form of RFC 4291 §2.2. An address with a zone (`fe80::1%eth0`) is refused, because a zone has a meaning on one
 * machine only. Brackets, ports, prefixes and blanks are refused, too.
 * @returns Eight 16-bit groups, with IPv4 as IPv4-mapped IPv6; `undefined` when the text is not an address.
 */
export function parseAddress(text: string): readonly number[] | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  if (!text.includes(":")) {
    const quad = parseDottedQuad(text);
    return quad && [...IPV4_MAPPED, ...quad];
  }
  const [head = "", tail, ...more] = text.split("::");
  if (tail === undefined) {
    const groups = parseGroups(head, "quad");
    return groups?.length === 8 ? groups : undefined;
  }
  const before = parseGroups(head);
  const after = parseGroups(tail, "quad");
  if (more.length > 0 || before === undefined || after === undefined) return undefined;
  const left = 8 - before.length - after.length;
  return left >= 1 ? [...before, ...new Array<number>(left).fill(0), ...after] : undefined;
}

/** Whether two untrusted texts denote the same address. Text that is not an address equals nothing, not even itself. */
export function isSameAddress(one: string, other: string): boolean {
  const groups = parseAddress(one);
  const others = parseAddress(other);
  return groups !== undefined && others !== undefined && groups.every((group, index) => group === others[index]);
}

/** Parses groups of 1 to 4 hexadecimal digits between colons; empty text has no group. */
function parseGroups(text: string, last?: "quad"): number[] | undefined {
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
