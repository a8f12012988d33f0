/**
 * Writes Markdown as `deno fmt` formats it.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { installedCommand, ROOT } from "../runtimes/project.ts";

/** A table. Vertical bars in cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A name in code style. */
export function code(name: string): string {
  return `\`${name}\``;
}

/** Formats a document. */
export function formatted(markdown: string): string {
  const deno = installedCommand("deno");
  if (deno === undefined) throw new Error("deno is not installed: npm ci");
  return execFileSync(deno, ["fmt", "--ext=md", "-"], { cwd: ROOT, input: markdown, encoding: "utf8" });
}
