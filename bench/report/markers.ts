/**
 * Puts sections between their markers: `<!-- NAME:start -->` and `<!-- NAME:end -->`.
 *
 * @module
 */

const BLOCK = /(<!-- (bench[\w-]*):start -->\n)[\s\S]*?(<!-- \2:end -->)/g;

/**
 * @param text A Markdown file. What is outside of markers stays as it is.
 * @throws When a marker names no section, or is not closed.
 */
export function withSections(text: string, sections: Readonly<Record<string, string>>): string {
  const markers = text.match(/<!-- bench[\w-]*:(start|end) -->/g)?.length ?? 0;
  if (markers !== 2 * (text.match(BLOCK)?.length ?? 0)) throw new Error("A marker of the report has no other end");
  return text.replace(BLOCK, (_block, start: string, name: string, end: string) => {
    const section = sections[name];
    if (section === undefined) {
      throw new Error(`There is no section ${name}: there are ${Object.keys(sections).join(", ")}`);
    }
    // The formatter would align the tables, and then they would not be what the results give.
    return `${start}\n<!-- deno-fmt-ignore-start -->\n\n${section}\n\n<!-- deno-fmt-ignore-end -->\n\n${end}`;
  });
}
