/**
 * Prints: to standard output, and with colours where a terminal reads it.
 *
 * @module
 */

import { fileError } from "./command.ts";

/** Writes all of it to standard output. A broken pipe ends the process; see `main.ts`. */
export function print(content: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(content, (error) => error ? reject(fileError("write", "standard output", error)) : resolve());
  });
}

/**
 * Replaces the characters that control a terminal or the direction of text, so that text from outside cannot. JSON stays
 * the same JSON: such characters are in its strings alone, where an escape means the same, or are white space.
 */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) => {
    if (character === "\n" || character === "\t") return character;
    return character === "\r" ? " " : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

type Style = (text: string) => string;

/** Styles for a stream: none where it is no terminal, or NO_COLOR is set to anything. */
export function stylesFor(
  stream: { readonly isTTY?: boolean },
): Readonly<Record<"bold" | "dim" | "red" | "green" | "cyan", Style>> {
  const isColoured = stream.isTTY === true && !hasNoColor();
  const style = (code: number): Style => isColoured ? (text) => `\x1b[${code}m${text}\x1b[0m` : (text) => text;
  return { bold: style(1), dim: style(2), red: style(31), green: style(32), cyan: style(36) };
}

/** https://no-color.org: set and not empty. */
function hasNoColor(): boolean {
  try {
    return (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb";
  } catch {
    // Deno, without the permission to read these variables.
    return true;
  }
}
