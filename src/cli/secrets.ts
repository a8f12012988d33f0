/**
 * Recognises keys and sealed results among the arguments, where they must not be.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { CommandError } from "./errors.ts";
import { HEADER_TEXT } from "../unseal/envelope.ts";

export const KEY_REASON: string =
  "A key must not be an argument: every user of this machine can see the arguments of running programs, and shells " +
  "keep them in their history. Set UNSEAL_KEYS, or name a variable with --key-env or a file with --key-file";

/** A key in base64 of either alphabet, or in hexadecimal digits. */
const KEY = /^(?:[A-Za-z0-9+/]{43}|[A-Za-z0-9_-]{43}|(?:0x)?[A-Fa-f0-9]{64})$/;
/** Characters around a key, as in `--key=…`, `UNSEAL_KEYS=id:…,…`, and at the end of base64 text. */
const SEPARATORS = /[\s,;:="']+/;
/** The beginning of every sealed result in base64, and more. */
const SEALED = new RegExp(`^\\s*["']?${HEADER_TEXT}[A-Za-z0-9+/_=\\s-]{40}`);

/** @throws {CommandError} When an argument is a sealed result, or contains a key of 32 bytes. */
export function refuseSecret(argument: string): void {
  if (SEALED.test(argument)) {
    throw new CommandError(
      "A sealed result must not be an argument, whose length is limited: save it in a file, or use a pipe, as in " +
        "pbpaste | unseal open",
    );
  }
  if (argument.split(SEPARATORS).some(isKey) && !isPath(argument)) throw new CommandError(KEY_REASON);
}

/** Of all keys, one in 10¹⁰ has no capital letter, or no small one. Many names of files have none. */
function isKey(part: string): boolean {
  return KEY.test(part) && (part.length > 43 || (/[A-Z]/.test(part) && /[a-z]/.test(part)));
}

/** Whether a file or its folder exists. */
function isPath(argument: string): boolean {
  const path = argument.replace(/^-{0,2}[\w-]*=/, "");
  const folder = dirname(path);
  try {
    // One key in 4,096 begins with //, which is the root, too.
    return existsSync(path) || (!/^[./]+$/.test(folder) && existsSync(folder));
  } catch {
    // Deno without the permission to read the path.
    return false;
  }
}
