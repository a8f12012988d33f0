/**
 * Markdown: tables, formatted numbers, and the markers around sections.
 *
 * @module
 */

/** A table; the first column is text, the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => column === 0 ? "---" : "---:")), ...rows.map(line)].join("\n");
}

/** Two or three significant digits, without an exponent; a dash for a missing measurement. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (value >= 1000) return bytes(Math.round(value / 10) * 10);
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}

/** A ratio, with two digits after the point if they are significant. */
export function ratio(value: number | undefined): string {
  return value === undefined ? "–" : value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

/** An integer with separators. */
export function bytes(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A size of JSON in the unit that fits. */
export function size(value: number): string {
  if (value >= 1024 * 1024) return `${value / 1024 / 1024} MB`;
  return value >= 1024 ? `${Math.round(value / 1024)} KB` : `${value} B`;
}

const BLOCK = /(<!-- (bench[\w-]*):start -->\n)[\s\S]*?(<!-- \2:end -->)/g;

/**
 * Puts sections between their markers, `<!-- NAME:start -->` and `<!-- NAME:end -->`.
 *
 * @param text A Markdown file. The rest of it is unchanged.
 * @throws When a start or end marker has no counterpart, or no section has its name.
 */
export function withSections(text: string, sections: Readonly<Record<string, () => string>>): string {
  const markers = text.match(/<!-- bench[\w-]*:(start|end) -->/g)?.length ?? 0;
  if (markers !== 2 * (text.match(BLOCK)?.length ?? 0)) throw new Error("A marker of the report has no counterpart");
  return text.replace(BLOCK, (_block, start: string, name: string, end: string) => {
    const section = sections[name];
    if (section === undefined) throw new Error(`No section ${name}; there are ${Object.keys(sections).join(", ")}`);
    // Otherwise the formatter would align the tables.
    return `${start}\n<!-- deno-fmt-ignore-start -->\n\n${section()}\n\n<!-- deno-fmt-ignore-end -->\n\n${end}`;
  });
}
