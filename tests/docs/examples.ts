/**
 * Finds the examples of the documentation: each `ts` block of a Markdown file, and of an `@example` in the sources.
 *
 * A block's hidden setup is in a comment directly above it: `<!-- given`, lines of code, `-->`.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../runtimes/project.ts";

export interface Example {
  /** The file, and the title of the example or the heading above it. */
  readonly name: string;
  readonly code: string;
}

/** All examples, in the order of their files. */
export function findExamples(): Example[] {
  const found = documents().flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return (file.endsWith(".md") ? markdownExamples(text) : sourceExamples(text))
      .map(({ name, code }) => ({ name: `${file}: ${name}`, code }));
  });
  const seen = new Map<string, number>();
  return found.map(({ name, code }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { name: count === 1 ? name : `${name} (${count})`, code };
  });
}

/** The public sources, and every Markdown file of the project. */
export function documents(): string[] {
  return [
    ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
    ...filesIn("docs", ".md"),
    ...filesIn("examples", ".md"),
    "mod.ts",
    ...filesIn("src", ".ts"),
  ];
}

function filesIn(folder: string, extension: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).sort()
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(extension) && !path.includes("node_modules/"));
}

const BLOCK = /^(?:<!-- given\n(?<given>[^]*?)-->\n+)?```ts\n(?<code>[^]*?)^```$/gm;

function markdownExamples(text: string): Example[] {
  return [...text.matchAll(BLOCK)].map(({ index, groups }) => ({
    name: [...text.slice(0, index).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? "example",
    code: (groups?.["given"] ?? "") + (groups?.["code"] ?? ""),
  }));
}

function sourceExamples(text: string): Example[] {
  const comments = [...text.matchAll(/^( *)\/\*\*\n[^]*?^\1 \*\/$/gm)]
    .map(([comment]) => comment.replaceAll(/^ *(?:\/\*\*| \*\/| \* ?)/gm, ""));
  // An example ends at the next tag of its comment. A line of code that begins with @ would also end it.
  return comments.flatMap((comment) =>
    [...comment.matchAll(/^@example *(.*)\n([^]*?)(?=^@|(?![^]))/gm)].flatMap(([, title = "", body = ""]) =>
      [...body.matchAll(BLOCK)].map(({ groups }) => ({ name: title || "example", code: groups?.["code"] ?? "" }))
    )
  );
}
