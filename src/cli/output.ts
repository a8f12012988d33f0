/**
 * Prints to standard output and standard error, and escapes control characters.
 *
 * Visitors choose much of an event, and file names and key ids can come from elsewhere too. All text for a terminal
 * therefore passes {@linkcode forTerminal}, and no other module writes to the standard streams.
 *
 * @module
 */

import { fileError } from "./command.ts";

/** Marks our own styles in a text until it is printed. It is random, so that no input contains it. */
const MARK = `<${crypto.randomUUID()}>`;

/** Writes to standard output, and resolves when all of it is written. A broken pipe ends the process; see `main.ts`. */
export function print(content: string | Uint8Array): Promise<void> {
  const { stdout } = process;
  const shown = stdout.isTTY ? forTerminal(content, stdout) : typeof content === "string" ? unstyled(content) : content;
  return new Promise((resolve, reject) => {
    stdout.write(shown, (error) => error ? reject(fileError("write", "standard output", error)) : resolve());
  });
}

/** Writes messages for people to standard error. They are escaped even if that is a file, which people also read. */
export function complain(text: string): void {
  process.stderr.write(forTerminal(text, process.stderr));
}

/** Replaces the current line of the terminal that is standard error. */
export function redraw(line: string): void {
  process.stderr.write(`\r\x1b[K${forTerminal(line, process.stderr)}`);
}

/**
 * Escapes the characters that control a terminal or the direction of text, and applies our own styles. The meaning of
 * JSON stays the same: such characters occur only in strings, where an escape is equivalent, or as white space.
 *
 * @param stream Where the text is printed; it has colours only if it is a terminal and NO_COLOR is not set.
 */
export function forTerminal(content: string | Uint8Array, stream: { readonly isTTY?: boolean }): string {
  const text = typeof content === "string" ? content : new TextDecoder().decode(content);
  const escaped = text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    if (character === "\n" || character === "\t") return character;
    return character === "\r" ? " " : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return stream.isTTY === true && !hasNoColor() ? escaped.replaceAll(MARK, "\x1b[") : unstyled(escaped);
}

function unstyled(text: string): string {
  return text.includes(MARK) ? text.replace(new RegExp(`${MARK}\\d+m`, "g"), "") : text;
}

type Style = (text: string) => string;

function style(code: number): Style {
  return (text) => `${MARK}${code}m${text}${MARK}0m`;
}

/** Styles. They have an effect only where the text is printed to a terminal with colours. */
export const bold: Style = style(1);
export const dim: Style = style(2);
export const red: Style = style(31);
export const green: Style = style(32);

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

/** A whole number with its thousands separated: `12,345`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
