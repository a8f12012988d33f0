/**
 * Prints to standard output, with colours on a terminal.
 *
 * @module
 */

import { fileError } from "./command.ts";

/** Writes to standard output, and resolves when all of it is written. A broken pipe ends the process; see `main.ts`. */
export function print(content: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(content, (error) => error ? reject(fileError("write", "standard output", error)) : resolve());
  });
}

/**
 * Escapes the characters that control a terminal or the direction of text, so that untrusted text has no control. The
 * meaning of JSON stays the same: such characters occur only in strings, where an escape is equivalent, or as white
 * space.
 */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) => {
    if (character === "\n" || character === "\t") return character;
    return character === "\r" ? " " : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

type Style = (text: string) => string;

/** Styles for a stream. They have no effect if the stream is not a terminal, or NO_COLOR is set. */
export function stylesFor(
  stream: { readonly isTTY?: boolean },
): Readonly<Record<"bold" | "dim" | "red" | "green" | "cyan", Style>> {
  const isColoured = stream.isTTY === true && !hasNoColor();
  const style = (code: number): Style => isColoured ? (text) => `\x1b[${code}m${text}\x1b[0m` : (text) => text;
  return { bold: style(1), dim: style(2), red: style(31), green: style(32), cyan: style(36) };
}

/** Whether NO_COLOR is set and not empty (https://no-color.org), or the terminal is dumb. */
function hasNoColor(): boolean {
  return !mayRead("NO_COLOR") || (process.env["NO_COLOR"] ?? "") !== "" || isDumb();
}

/** Whether the terminal has no control sequences. */
export function isDumb(): boolean {
  return mayRead("TERM") && process.env["TERM"] === "dumb";
}

/** Whether a variable can be read. At a terminal, Deno would otherwise ask the user for the permission, and wait. */
function mayRead(variable: string): boolean {
  const { Deno } = globalThis as { Deno?: { permissions: { querySync(wanted: object): { readonly state: string } } } };
  return Deno === undefined || Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
