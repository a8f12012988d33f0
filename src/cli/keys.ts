/**
 * Reads the keys from environment variables and files, never from arguments.
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";
import { createKeyring, type NamedKey } from "../unseal/keyring.ts";
import { UnsealError } from "../unseal/errors.ts";
import { findKeyCauses } from "../diagnose/diagnose.ts";
import { textOf } from "./input.ts";
import { nodeCipher } from "../node-cipher/mod.ts";
import { complain } from "./output.ts";
import { type Arguments, CommandError, fileError, type Option } from "./command.ts";
import { KEY_BYTES } from "../unseal/cipher.ts";

/** The options that name the sources of keys. */
export const KEY_OPTIONS: Readonly<Record<string, Option>> = {
  "key-env": {
    value: "NAME",
    multiple: true,
    help: "read keys from this environment variable instead of UNSEAL_KEYS",
  },
  "key-file": { value: "FILE", multiple: true, help: "read keys from this file: text, or 32 bytes" },
};

export const KEY_DETAILS =
  `Keys come from the variable UNSEAL_KEYS, or from --key-env and --key-file. Several keys are separated by
commas or line breaks; each is base64 text, or an id, a colon and base64 text: 2026-08:q80C…`;

/** Larger files are refused: no list of keys is that long. */
const MAX_FILE_BYTES = 64 * 1024;
const READABLE_BY_OTHERS = 0o004;

interface GivenKey {
  readonly id?: string;
  readonly key: string | Uint8Array;
}

/**
 * Reads all keys that the arguments name.
 *
 * @returns At least one valid key with an id.
 * @throws {CommandError} When no key is given, or one is invalid. The message names the key's place and never quotes
 * the key.
 */
export function readKeys(args: Arguments): NamedKey[] {
  const variables = args.list("key-env");
  const files = args.list("key-file");
  const names = variables.length + files.length === 0 ? ["UNSEAL_KEYS"] : variables;
  const keys = [
    ...names.flatMap((name) => parseKeys(readVariable(name), `The variable ${name}`)),
    ...files.flatMap(readKeyFile),
  ];
  const named = keys.map(({ id, key }, place) => ({ id: id ?? `key-${place}`, key }));
  checkKeys(named);
  return named;
}

/** Like {@linkcode readKeys}, but returns an empty list when no option names a key and UNSEAL_KEYS is not set. */
export function readKeysIfAny(args: Arguments): NamedKey[] {
  const isGiven = args.list("key-env").length + args.list("key-file").length > 0;
  return isGiven || process.env["UNSEAL_KEYS"] !== undefined ? readKeys(args) : [];
}

function readVariable(name: string): string {
  const text = process.env[name];
  if (text === undefined || text.trim() === "") {
    throw new CommandError(
      name === "UNSEAL_KEYS"
        ? "Cannot read keys: set the environment variable UNSEAL_KEYS, or use --key-env or --key-file"
        : `Cannot read keys: the environment variable ${name} is not set`,
    );
  }
  return text;
}

function readKeyFile(path: string): GivenKey[] {
  try {
    const { mode, size } = statSync(path);
    if (size > MAX_FILE_BYTES) throw new CommandError(`Cannot read key file ${path}: over ${MAX_FILE_BYTES} bytes`);
    if (process.platform !== "win32" && (mode & READABLE_BY_OTHERS) !== 0) {
      complain(`unseal: warning: other users can read the key file ${path}\n`);
    }
    const bytes = readFileSync(path);
    // Base64 text of a key has 42 characters or more.
    if (bytes.length === KEY_BYTES) return [{ key: new Uint8Array(bytes) }];
    return parseKeys(textOf(bytes) ?? bytes.toString("latin1"), `The key file ${path}`);
  } catch (error) {
    throw fileError("read key file", path, error);
  }
}

/** Splits text into keys with optional ids. An id ends at the last colon, because base64 contains `=`, but no colon. */
function parseKeys(text: string, source: string): GivenKey[] {
  const parts = text.split(/[,\r\n]/).map((part) => part.trim()).filter((part) => part !== "" && !part.startsWith("#"));
  if (parts.length === 0) throw new CommandError(`${source} contains no key`);
  return parts.map((part) => {
    const colon = part.lastIndexOf(":");
    const [id, key] = [part.slice(0, colon).trim(), part.slice(colon + 1).trim()];
    return colon > 0 && id !== "" ? { id, key } : { key };
  });
}

function checkKeys(keys: readonly NamedKey[]): void {
  try {
    createKeyring(keys, nodeCipher());
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError(error.message);
    if (!(error instanceof UnsealError)) throw error;
    const [cause] = findKeyCauses(keys);
    throw new CommandError(cause === undefined ? error.message : `${error.message}\n${cause.message}`);
  }
}
