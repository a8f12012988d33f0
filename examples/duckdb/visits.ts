/**
 * Invented visits of a shop in one week, always the same: bots, VPNs, several countries, visitors that return, use
 * several accounts or move faster than an aircraft, replays, damaged rows, and events of both versions and of two keys.
 *
 * @module
 */

/** A row of the archive, as it happened. The events are made of it, and {@linkcode ./count.ts} counts it. */
export interface Visit {
  readonly version: 3 | 4;
  readonly keyId: "old" | "new";
  /** What happened to the sealed result before it was stored. */
  readonly damage: "truncated" | "not-base64" | "missing" | undefined;
  /** When the server received it, in Unix milliseconds. A replay has a later time, and the rest of an earlier visit. */
  readonly receivedAt: number;
  readonly id: string;
  readonly time: number;
  readonly visitorId: string;
  readonly firstSeen: number;
  readonly linkedId: string | undefined;
  readonly page: string;
  readonly ip: string;
  readonly place: Place;
  /** Whether Fingerprint has computed the signals below, and the place. Only v4 events are incomplete. */
  readonly isComplete: boolean;
  readonly bot: "bad" | "good" | "not_detected";
  readonly vpn: boolean;
  readonly proxy: boolean;
  readonly tor: boolean;
  readonly suspectScore: number;
}

export interface Place {
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly asn: string;
}

const PLACES: readonly Place[] = [
  { country: "DE", latitude: 52.52, longitude: 13.405, asn: "3320" },
  { country: "US", latitude: 40.713, longitude: -74.006, asn: "7922" },
  { country: "BR", latitude: -23.55, longitude: -46.633, asn: "28573" },
  { country: "JP", latitude: 35.69, longitude: 139.692, asn: "4713" },
  { country: "IN", latitude: 19.076, longitude: 72.878, asn: "55836" },
  { country: "CZ", latitude: 50.075, longitude: 14.437, asn: "5610" },
];
const PAGES = ["/", "/login", "/signup", "/checkout", "/account"];
const START = Date.UTC(2026, 9, 1);
const WEEK_MS = 7 * 86_400_000;
const EVENTS_PER_VISITOR = 20;
/** Every `REPLAY_EVERY`th row repeats the one `REPLAY_AFTER` rows before, which is never a replay. */
const [REPLAY_EVERY, REPLAY_AFTER] = [97, 50];

/** The visits of an archive, in the order in which they were received. */
export function* visits(rows: number): Generator<Visit> {
  const random = createRandom();
  const oneIn = (count: number) => random() < 1 / count;
  const firstSeen = new Map<number, number>();
  const recent: Visit[] = [];
  for (let row = 0; row < rows; row++) {
    const time = START + Math.floor(row * WEEK_MS / rows);
    const before = recent.length === REPLAY_AFTER ? recent.shift() : undefined;
    const visitor = Math.floor(random() * Math.ceil(rows / EVENTS_PER_VISITOR));
    // One of eight visitors came in the week before for the first time.
    if (!firstSeen.has(visitor)) firstSeen.set(visitor, visitor % 8 === 0 ? time - WEEK_MS : time);
    const version = oneIn(3) ? 3 : 4;
    const visit: Visit = before !== undefined && row % REPLAY_EVERY === REPLAY_EVERY - 1
      ? { ...before, receivedAt: time }
      : {
        version,
        keyId: row < rows * 0.6 ? "old" : "new",
        damage: oneIn(100) ? "truncated" : oneIn(300) ? "not-base64" : oneIn(300) ? "missing" : undefined,
        receivedAt: time,
        id: `${time}.${row.toString(36).padStart(6, "0")}`,
        time,
        visitorId: `visitor${visitor}`,
        firstSeen: firstSeen.get(visitor) ?? time,
        linkedId: oneIn(3) ? `account${visitor % 9 === 0 ? Math.floor(random() * 1000) : visitor}` : undefined,
        page: PAGES[Math.floor(random() * PAGES.length)] ?? "/",
        ip: `192.0.2.${visitor % 251}`,
        place: PLACES[(visitor + (oneIn(12) ? row : 0)) % PLACES.length]!, // an index of PLACES
        isComplete: version === 3 || !oneIn(40),
        bot: oneIn(visitor % 7 === 0 ? 2 : 50) ? "bad" : oneIn(30) ? "good" : "not_detected",
        vpn: oneIn(visitor % 5 === 0 ? 2 : 25),
        proxy: oneIn(30),
        tor: oneIn(60),
        suspectScore: Math.floor(random() * (oneIn(10) ? 40 : 8)),
      };
    recent.push(visit);
    yield visit;
  }
}

/** Pseudo-random numbers from 0 to below 1, always the same. */
function createRandom(): () => number {
  let state = 1;
  return () => {
    // The generator mulberry32.
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}
