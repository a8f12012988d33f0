/**
 * Reads `survivors.tsv`, which explains each mutant that no test kills.
 *
 * Its columns: file, mutator, the line of the source without its indentation, what replaces which text, the reason.
 * Lines may move, and two equal lines of a file share an explanation.
 *
 * @module
 */

import { readFileSync } from "node:fs";

interface Position {
  readonly line: number;
  readonly column: number;
}

/** A mutant, as Stryker returns it. Lines and columns count from 1. */
export interface Mutant {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: string;
  readonly statusReason?: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

const LONGEST_TEXT = 100;

/** The reasons by the first four columns. */
export function readExplanations(): ReadonlyMap<string, string> {
  const rows = readFileSync(new URL("survivors.tsv", import.meta.url), "utf8").split("\n").filter(Boolean);
  return new Map(rows.map((row): [string, string] => {
    const end = row.lastIndexOf("\t");
    return [row.slice(0, end), row.slice(end + 1)];
  }));
}

export function explanationOf(mutant: Mutant, explanations: ReadonlyMap<string, string>): string | undefined {
  return explanations.get(rowOf(mutant)) || undefined;
}

/** The place of a mutant, and the row that would explain it. */
export function placeOf(mutant: Mutant): string {
  const { line, column } = mutant.location.start;
  return `${mutant.fileName}:${line}:${column}\n${rowOf(mutant)}`;
}

function rowOf({ fileName, mutatorName, replacement, location: { start, end } }: Mutant): string {
  const lines = readFileSync(fileName, "utf8").split("\n");
  const original = lines.slice(start.line - 1, end.line).map((line, index, { length }) =>
    line.slice(index === 0 ? start.column - 1 : 0, index === length - 1 ? end.column - 1 : undefined)
  ).join(" ");
  const change = `${oneLine(original)} -> ${oneLine(replacement)}`;
  return [fileName, mutatorName, oneLine(lines[start.line - 1] ?? ""), change].join("\t");
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= LONGEST_TEXT ? line : `${line.slice(0, LONGEST_TEXT)}…`;
}
