/**
 * Comparing IP addresses by what they mean, not by how they are spelled.
 *
 * @module
 */

/** The longest spelling: six groups of four digits, then a dotted quad of three digits each. */
const MAX_CHARACTERS = "0000:0000:0000:0000:0000:0000:255.255.255.255".length;

/** What an IPv4 address begins with as an IPv6 one (RFC 4291 §2.5.5.2). */
const IPV4_MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0xffff];

/**
 * Parses an address.
 *
 * @param text Untrusted. IPv4 as four decimal numbers without leading zeros, which some would read as octal; IPv6 in
 * every form of RFC 4291 §2.2. An address with a zone (`fe80::1%eth0`) is refused: the zone means something on one
 * machine only. So are brackets, ports, prefixes and blanks.
 * @returns Eight 16-bit groups, where IPv4 is IPv4-mapped IPv6; `undefined` when it is no address.
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

/** Whether two untrusted texts are spellings of one address. What is no address is equal to nothing, itself included. */
export function isSameAddress(one: string, other: string): boolean {
  const groups = parseAddress(one);
  const others = parseAddress(other);
  return groups !== undefined && others !== undefined && groups.every((group, index) => group === others[index]);
}

/** Groups of 1 to 4 hexadecimal digits between colons; none in an empty text. */
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

/** An IPv4 address as the two groups that it takes in an IPv6 one. */
function parseDottedQuad(text: string): [number, number] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number]; // the length is checked
  return Math.max(a, b, c, d) > 255 ? undefined : [a << 8 | b, c << 8 | d];
}
