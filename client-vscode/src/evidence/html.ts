/** Text on its way into a page. Everything that is shown is somebody else's data. */

/** A piece of markup whose text was escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

/** Markup from a template: what is filled in is escaped, unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: unknown[]): Markup {
  return new Markup(parts.reduce((text, part, at) => text + filled(values[at - 1]) + part));
}

function filled(value: unknown): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(filled).join("");
  if (value === null || value === undefined || value === false) return "";
  return escaped(String(value));
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
