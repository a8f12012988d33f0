/**
 * Answers the questions without SQL and without the events: from the visits that the archive was made of.
 *
 * `node count.ts ROWS FILE`
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { type Visit, visits } from "./visits.ts";

type Row = Readonly<Record<string, unknown>>;

/** The damages by the error that opening reports. */
const CODES = {
  truncated: "ERR_NO_KEY_FITS",
  "not-base64": "ERR_SEALED_ENCODING",
  missing: "ERR_SEALED_TOO_SHORT",
};

const all = [...visits(Number(process.argv[2]))];
const opened = all.filter(({ damage }) => damage === undefined);
/** Each event once. */
const events = [...new Map(opened.map((visit) => [visit.id, visit])).values()];
/** Those with signals. */
const complete = events.filter(({ isComplete }) => isComplete);

const ANSWERS: Readonly<Record<string, () => readonly Row[]>> = {
  "bots-by-country-and-day": () =>
    groupsOf(complete.filter(({ bot }) => bot === "bad"), (visit) => `${dayOf(visit.time)} ${visit.place.country}`)
      .map((group) => ({
        day: dayOf(group[0].time),
        country: group[0].place.country,
        events: group.length,
      }))
      .sort(by("day", "-events", "country")),
  "visitors-with-many-accounts": () =>
    byVisitor(events)
      .map((group) => ({
        visitor_id: group[0].visitorId,
        accounts: accountsOf(group),
        events: group.length,
      }))
      .filter(({ accounts }) => accounts >= 3)
      .sort(by("-accounts", "-events", "visitor_id")).slice(0, 20),
  "impossible-travel": () =>
    byVisitor(complete.filter(({ vpn, proxy, tor }) => !vpn && !proxy && !tor))
      .map((group) => ({
        visitor_id: group[0].visitorId,
        jumps: jumpsOf(group),
      }))
      .filter(({ jumps }) => jumps.length > 0)
      .map(({ visitor_id, jumps }) => ({
        visitor_id,
        moves: jumps.length,
        farthest: Math.round(Math.max(...jumps)),
      }))
      .sort(by("-moves", "visitor_id")).slice(0, 20),
  "vpn-share-by-page": () =>
    groupsOf(complete, ({ page }) => page)
      .map((group) => ({
        page: group[0].page,
        events: group.length,
        vpn_percent: Math.round(1000 * countOf(group, ({ vpn }) => vpn) / group.length) / 10,
      })).sort(by("page")),
  "new-and-returning-visitors": () =>
    groupsOf(events, ({ time }) => dayOf(time)).map((group) => {
      const visitors = byVisitor(group).map(([visit]) => visit);
      const fresh = countOf(visitors, ({ firstSeen, time }) => dayOf(firstSeen) === dayOf(time));
      return {
        day: dayOf(group[0].time),
        new: fresh,
        returning: visitors.length - fresh,
      };
    }).sort(by("day")),
  "replays": () =>
    groupsOf(opened, ({ id }) => id).filter((group) => group.length > 1).map((group) => ({
      event_id: group[0].id,
      arrivals: group.length,
      seconds: secondOf(group.at(-1)!) - secondOf(group[0]), // not empty
    })).sort(by("event_id")).slice(0, 20),
  "highest-suspect-scores": () =>
    byVisitor(complete)
      .map((group) => ({
        visitor_id: group[0].visitorId,
        score: Math.max(...group.map(({ suspectScore }) => suspectScore)),
        events: countOf(group, ({ suspectScore }) => suspectScore >= 20),
      }))
      .filter(({ score }) => score >= 20).sort(by("-score", "-events", "visitor_id")).slice(0, 20),
  "anonymous-by-country": () =>
    groupsOf(complete, ({ place }) => place.country)
      .map((group) => ({
        country: group[0].place.country,
        events: group.length,
        tor: countOf(group, ({ tor }) => tor),
        proxy: countOf(group, ({ proxy }) => proxy),
        both: countOf(group, ({ tor, proxy }) => tor && proxy),
      })).sort(by("country")),
  "errors-by-code": () =>
    groupsOf(all.filter(({ damage }) => damage !== undefined), ({ damage }) => `${damage}`)
      .map((group) => ({ error: CODES[group[0].damage!], rows: group.length })) // only damaged ones
      .sort(by("-rows", "error")),
  "keys-in-use": () =>
    groupsOf(opened, ({ keyId }) => keyId)
      .map((group) => ({
        key_id: group[0].keyId,
        rows: group.length,
        first_used: new Date(group[0].receivedAt),
        last_used: new Date(group.at(-1)!.receivedAt), // not empty
      })).reverse(),
};

function groupsOf(of: readonly Visit[], key: (visit: Visit) => string): (readonly [Visit, ...Visit[]])[] {
  const groups = new Map<string, [Visit, ...Visit[]]>();
  for (const visit of of) {
    const group = groups.get(key(visit));
    if (group === undefined) groups.set(key(visit), [visit]);
    else group.push(visit);
  }
  return [...groups.values()];
}

const byVisitor = (of: readonly Visit[]) => groupsOf(of, ({ visitorId }) => visitorId);
const countOf = (of: readonly Visit[], condition: (visit: Visit) => boolean) => of.filter(condition).length;
const accountsOf = (of: readonly Visit[]) => new Set(of.flatMap(({ linkedId }) => linkedId ?? [])).size;
const secondOf = ({ receivedAt }: Visit) => Math.floor(receivedAt / 1000);
const dayOf = (time: number) => new Date(time - time % 86_400_000).toISOString();

/** The distances, in kilometres, that a visitor covered at over 1000 km/h. */
function jumpsOf(group: readonly Visit[]): number[] {
  return group.flatMap((visit, index) => {
    const before = group[index - 1];
    if (before === undefined) return [];
    const kilometres = distanceOf(before, visit);
    const hours = (visit.time - before.time) / 3_600_000;
    return kilometres > 100 && kilometres > 1000 * hours ? [kilometres] : [];
  });
}

/** The angle between two places, times the radius of the earth. */
function distanceOf({ place: from }: Visit, { place: to }: Visit): number {
  const radians = (degrees: number) => degrees * Math.PI / 180;
  const [a, b, between] = [radians(from.latitude), radians(to.latitude), radians(to.longitude - from.longitude)];
  const cosine = Math.sin(a) * Math.sin(b) + Math.cos(a) * Math.cos(b) * Math.cos(between);
  return 6371 * Math.acos(Math.min(1, cosine));
}

/** Compares rows by columns; `-` before a name is descending. */
function by(...columns: readonly string[]) {
  return (one: Row, other: Row): number => {
    for (const column of columns) {
      const [name, sign] = column.startsWith("-") ? [column.slice(1), -1] : [column, 1];
      const [left, right] = [one[name] as string | number, other[name] as string | number];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  };
}

const answers = Object.fromEntries(Object.entries(ANSWERS).map(([question, answer]) => [question, answer()]));
writeFileSync(process.argv[3] ?? "counts.json", JSON.stringify(answers));
