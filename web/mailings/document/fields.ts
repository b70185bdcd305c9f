/** A personal value in a text: `{{ first_name | default: "Friend" }}`. (product 4.1) */
export interface FieldUse {
  readonly field: string;
  readonly fallback: string;
}

/** What isn't a person's field but stands in a mailing all the same. */
export const ownFields: Readonly<Record<string, string>> = {
  postal_address: "Postal address",
  unsubscribe_url: "Unsubscribe link",
  preferences_url: "Preferences link",
};

const pattern = /\{\{\s*([A-Za-z0-9_]{1,64})\s*(?:\|\s*default:\s*(?:"([^"{}]*)"|'([^'{}]*)')\s*)?\}\}/g;

/** As it stands in the text. A default can't hold the signs that would end it. */
export function fieldText({ field, fallback }: FieldUse): string {
  const kept = fallback.replaceAll(/[{}<>\n\r]/g, "").replaceAll('"', "”");
  return kept === "" ? `{{ ${field} }}` : `{{ ${field} | default: "${kept}" }}`;
}

/** Fields that a text asks for, each use. */
export function usesIn(text: string): readonly FieldUse[] {
  return [...text.matchAll(pattern)].map(([, field = "", double, single]) => ({
    field,
    fallback: double ?? single ?? "",
  }));
}

/** As somebody without any value reads it: where there is no default either, a gap. */
export const withDefaults = (text: string): string =>
  text.replaceAll(pattern, (_use, _field, double?: string, single?: string) => double ?? single ?? "…");

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const unescaped = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&nbsp;", "\u00a0")
    .replaceAll("&amp;", "&");

/** For the rich text editor: each use in the text becomes an element of its own; those in addresses stay. */
export function toChips(html: string): string {
  return html.replaceAll(/(<[^>]*>)|([^<]+)/g, (_, tag: string | undefined, text: string | undefined) => {
    if (tag !== undefined) return tag;
    return (text ?? "").replaceAll(pattern, (_use, field: string, double?: string, single?: string) => {
      const fallback = unescaped(double ?? single ?? "");
      return `<span data-field="${escaped(field)}" data-default="${escaped(fallback)}"></span>`;
    });
  });
}

/** Back from the editor: what `toChips` made becomes text again. */
export function fromChips(html: string): string {
  return html.replaceAll(/<span\b([^>]*\bdata-field="[^>]*)>[^<]*<\/span>/g, (_, attributes: string) => {
    const read = (name: string) => unescaped(new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    const text = fieldText({ field: read("data-field"), fallback: read("data-default") });
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  });
}
