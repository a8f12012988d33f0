/**
 * Builds HTML from elements. All text and all attributes are escaped, so no text of an event can become HTML.
 *
 * @module
 */

import { visible } from "./table.ts";

/** HTML. Only this module creates it. */
export class Markup {
  readonly #html: string;

  constructor(html: string) {
    this.#html = html;
  }

  toString(): string {
    return this.#html;
  }
}

export type Content = string | number | Markup | readonly Content[];

/** Elements without an end tag. */
const VOID: readonly string[] = ["meta", "br"];

/** Creates an element. Its name and the names of its attributes are constants of the caller. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  ...content: readonly Content[]
): Markup {
  const start = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${escaped(String(value))}"`);
  return new Markup(`<${name}${start.join("")}>${VOID.includes(name) ? "" : `${htmlOf(content)}</${name}>`}`);
}

/** The text of a style sheet, which is a constant. */
export function styleElement(css: string): Markup {
  return new Markup(`<style>${css}</style>`);
}

function htmlOf(content: Content): string {
  if (content instanceof Markup) return content.toString();
  return typeof content === "object" ? content.map(htmlOf).join("") : escaped(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for an element or a quoted attribute. Control characters are shown as escapes. */
function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!); // each is in the table
}
