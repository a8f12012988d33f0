/**
 * Recognises keys among the arguments, where they must not be.
 *
 * @module
 */

import { existsSync } from "node:fs";

/** A key in base64 or hexadecimal digits. */
const KEY = /^(?:[A-Za-z0-9+/_-]{43}|(?:0x)?[A-Fa-f0-9]{64})$/;
/** Characters around a key, as in `--key=…`, `UNSEAL_KEYS=id:…,…`, and at the end of base64 text. */
const SEPARATORS = /[\s,;:="']+/;

/** Whether an argument contains a key of 32 bytes, and is not the path of an existing file. */
export function looksLikeKey(argument: string): boolean {
  return argument.split(SEPARATORS).some((part) => KEY.test(part)) && !exists(argument);
}

function exists(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    // Deno without the permission to read the path.
    return false;
  }
}
