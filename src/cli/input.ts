/**
 * Reads one sealed result, or the event to seal, from a file or from standard input.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { hasHeader } from "../unseal/envelope.ts";
import { complain } from "./output.ts";
import { CommandError, EXIT, fileError } from "./command.ts";

/** Standard input and output, as an argument. */
export const STANDARD = "-";

/** Twice the base64 text of the largest sealed result that is opened. */
const MAX_INPUT_BYTES = 12 * 1024 * 1024;

/** Reads a file. Without a path, or for `-`, reads standard input. */
export async function readInput(path: string | undefined): Promise<Uint8Array> {
  const isStandard = path === undefined || path === STANDARD;
  if (isStandard && process.stdin.isTTY) {
    complain("unseal: reading standard input; end it with Ctrl+D\n");
  }
  const name = isStandard ? "standard input" : path;
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of isStandard ? process.stdin : createReadStream(path)) {
      length += chunk.length;
      if (length > MAX_INPUT_BYTES) {
        throw new CommandError(`Cannot read ${name}: over ${MAX_INPUT_BYTES} bytes`, EXIT.file);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw fileError("read", name, error);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Returns the input as bytes if it begins with the header of an envelope, or is not text, otherwise as text. */
export function sealedFrom(input: Uint8Array): string | Uint8Array {
  return hasHeader(input) ? input : textOf(input)?.trim() ?? input;
}

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark, as some Windows shells write it. The mark is removed.
 *
 * @returns `undefined` when the bytes are not text.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  const mark = (bytes[0] ?? 0) << 8 | (bytes[1] ?? 0);
  const encoding = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
