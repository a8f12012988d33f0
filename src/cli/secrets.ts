/**
 * Recognises keys among the arguments, where they must not be.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { decodeBase64Portable } from "../core/base64.ts";

/** An argument of this form is a key, an id and a key, an option with a key, or the path of an existing file. */
const KEY = /^(?:-{1,2}[\w-]+=)?(?:[^/]*:)?([A-Za-z0-9+/_-]{42,43}={0,2}|[A-Fa-f0-9]{64})$/;

/** Whether an argument is a key of 32 bytes. */
export function looksLikeKey(argument: string): boolean {
  return argument.split(",").some((part) => {
    const text = KEY.exec(part.trim())?.[1];
    if (text === undefined) return false;
    return (text.length === 64 || decodeBase64Portable(text)?.length === 32) && !exists(argument);
  });
}

function exists(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    // Deno without the permission to read the path.
    return false;
  }
}
