/**
 * The reader of IP addresses against Node's `net` and the URL parser, in each spelling of servers and gateways.
 *
 * @module
 */

import { isIPv4, isIPv6 } from "node:net";
import { isSameAddress, readAddress } from "../../../src/http/address.ts";
import { fromHeader } from "../../../src/http/from-header.ts";
import { ascii } from "../../support/bytes.ts";

export const seeds: readonly Uint8Array[] = [
  "192.0.2.1",
  "192.0.2.1:443",
  "::1",
  "fe80::1%eth0",
  "[2001:db8::1]:51234",
  "2001:db8:1:2:3:4:5:6:443",
  "2001:db8:1:2:3:4:5:6%1:443",
  "::ffff:192.0.2.1",
  "[64:ff9b::192.0.2.1%25lo]",
  "1:2:3:4:5:6:255.255.255.255",
  "203.0.113.9, 192.0.2.1, [::]:80",
].map(ascii);

/** An optional port, and an optional zone, around an address without them. */
const SPELLINGS: readonly RegExp[] = [
  /^(?<v6>[^[\]%]+)(?:%[\w.%-]+)?$/,
  /^\[(?<v6>[^[\]%]+)(?:%[\w.%-]+)?\](?::\d{1,5})?$/,
  /^(?<v6>(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4})(?:%[\w.%-]+)?:\d{1,5}$/i,
  /^(?<v4>[\d.]+)(?::\d{1,5})?$/,
];

/** Longer than every address with a zone of up to 64 characters: of 118, as `src/http/address.ts` counts. */
const TOO_LONG = 119;

/** The address as the URL parser writes it, with IPv4 as IPv4-mapped IPv6. */
function reference(text: string): string | undefined {
  if (text.length >= TOO_LONG) return undefined;
  for (const { v6 = "", v4 = "" } of SPELLINGS.map((spelling) => spelling.exec(text)?.groups ?? {})) {
    if (isIPv6(v6)) return canonical(v6);
    if (isIPv4(v4)) return canonical(`::ffff:${v4}`);
  }
  return undefined;
}

const canonical = (v6: string) => new URL(`http://[${v6}]/`).hostname;

/** @param data The header: in Latin-1, as servers decode it. */
export function fuzz(data: Uint8Array): void {
  const header = Buffer.from(data).toString("latin1");
  const entries = header.split(",").map((entry) => entry.trim());
  for (const text of [header, ...entries]) compare(text);
  for (const hops of [1, 2, 3]) {
    const entry = entries.at(-hops);
    const address = readAddress(entry);
    const found = fromHeader("x-forwarded-for", { hops })({ headers: { get: () => header } });
    if (found !== ("fault" in address ? entry : address.text)) {
      throw new Error(`fromHeader() with ${hops} hops differs`);
    }
  }
}

function compare(text: string): void {
  const expected = reference(text);
  const address = readAddress(text);
  if ("fault" in address) {
    if (expected !== undefined) throw new Error(`an address is refused: it ${address.fault}`);
    return;
  }
  const read = canonical(address.groups.map((group) => group.toString(16)).join(":"));
  if (read !== expected) throw new Error(`readAddress() has ${read}, the reference ${expected}`);
  const again = readAddress(address.text);
  if ("fault" in again || again.text !== address.text || !isSameAddress(again, address)) {
    throw new Error("the address that was read reads as another one");
  }
}
