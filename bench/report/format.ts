/**
 * Markdown tables, and numbers as a reader wants them.
 *
 * @module
 */

/** A table; the first column is text, the others are figures. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, column) => column === 0 ? "---" : "---:")),
    ...rows.map(line),
  ].join("\n");
}

/** Three significant digits, and no exponent; a dash for what was not measured. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (value >= 1000) {
    return String(Math.round(value / 10) * 10).replace(/\B(?=(\d{3})+$)/g, ",");
  }
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}

/** A ratio, of which two digits after the point decide. */
export function ratio(value: number | undefined): string {
  return value === undefined ? "–" : value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

/** Bytes with separators. */
export function bytes(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A size of JSON. */
export function size(value: number): string {
  if (value >= 1024 * 1024) return `${value / 1024 / 1024} MB`;
  return value >= 1024 ? `${Math.round(value / 1024)} KB` : `${value} B`;
}
