/**
 * Splits JSON into the text of its members, so that values can be copied as they are: a parsed number may be another one.
 *
 * @module
 */

import { parseJson } from "../../encoding/json.ts";

/**
 * The members of an object or array by their names or indices, each as JSON text. The last one of a name counts, as it
 * does for `JSON.parse`.
 *
 * @param json Valid JSON.
 * @returns `undefined` when it is no object or array.
 */
export function membersOf(json: string): Map<string, string> | undefined {
  let at = skipBlanks(json, 0);
  const isObject = json[at] === "{";
  if (!isObject && json[at] !== "[") return undefined;
  const members = new Map<string, string>();
  for (at = skipBlanks(json, at + 1); json[at] !== "}" && json[at] !== "]"; at = skipBlanks(json, at)) {
    let name = String(members.size);
    if (isObject) {
      const end = endOfString(json, at);
      name = JSON.parse(json.slice(at, end)); // a string
      at = skipBlanks(json, skipBlanks(json, end) + 1); // the colon
    }
    const end = endOfValue(json, at);
    members.set(name, json.slice(at, end));
    at = skipBlanks(json, end);
    if (json[at] === ",") at++;
  }
  return members;
}

/** The members of JSON, or of JSON within a JSON string. */
export function membersWithin(json: string): Map<string, string> | undefined {
  if (!json.startsWith('"')) return membersOf(json);
  const text = (JSON.parse(json) as string).trim(); // a JSON string
  return parseJson(text) === undefined ? undefined : membersOf(text);
}

/** Follows a path of names as `--field` does: the longest name counts, and text on the way is parsed as JSON. */
export function memberAt(members: ReadonlyMap<string, string> | undefined, path: string): string | undefined {
  const name = members === undefined ? undefined : firstName(members, path);
  const value = name === undefined ? undefined : members?.get(name);
  if (name === undefined || value === undefined || name === path) return value;
  return memberAt(membersWithin(value), path.slice(name.length + 1));
}

/** The longest beginning of a path that is the name of a member. */
export function firstName(members: ReadonlyMap<string, unknown>, path: string): string | undefined {
  for (let name = path;; name = name.slice(0, name.lastIndexOf("."))) {
    if (members.has(name)) return name;
    if (!name.includes(".")) return undefined;
  }
}

function skipBlanks(json: string, at: number): number {
  while (json.charCodeAt(at) <= 0x20) at++; // valid JSON has no other control characters here
  return at;
}

/** The index after the string that begins at `at`. */
function endOfString(json: string, at: number): number {
  for (let end = at + 1;;) {
    end = json.indexOf('"', end);
    let before = end;
    while (json[before - 1] === "\\") before--;
    end++;
    if ((end - 1 - before) % 2 === 0) return end;
  }
}

/** The index after the value that begins at `at`. */
function endOfValue(json: string, at: number): number {
  for (let depth = 0;;) {
    const character = json[at];
    if (character === '"') {
      at = endOfString(json, at);
      if (depth === 0) return at;
    } else if (character === "{" || character === "[") {
      depth++;
      at++;
    } else if (character === "}" || character === "]") {
      if (depth === 0) return at; // a number or word ended before it
      at++;
      if (--depth === 0) return at;
    } else if (depth === 0 && (character === undefined || character === "," || character <= " ")) return at;
    else at++;
  }
}
