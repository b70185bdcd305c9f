import type { FieldPiece } from "../frozen-content.ts";

/** No value makes a mail longer than this: who keeps more in a field keeps a document there. */
const longestValue = 10_000;
const longestInSubject = 200;

/** Characters that turn the direction of what follows them, which isn't theirs to turn; isolates too. */
const directionControls = /[\u202a-\u202e\u2066-\u2069]/g;
/** C0 and C1 without tab and line feed, and what some programs take for a line's end. */
const controls = /(?![\t\n])[\p{Cc}\u2028\u2029]/gu;
/** A value that needs no cleaning at all, as nearly every one does. */
const plain = /^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069&<>"']*$/u;

/** A person's own value, made harmless for the place where it stands. (reliability 1.3, 10) */
export function escapeFor(place: FieldPiece["place"], value: string): string {
  if (place === "url") return encodePart(clean(value));
  if (place === "address") return wholeAddress(value);
  if (value.length <= longestInSubject && plain.test(value)) return value;
  const text = clean(value);
  switch (place) {
    case "html":
      return escapeMarkup(text);
    case "attribute":
      return escapeMarkup(text.replace(/\s+/g, " "));
    case "subject":
      return cut(text.replace(/\s+/g, " "), longestInSubject);
    case "text":
      return text;
  }
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For an element's text or a quoted attribute. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => entities[mark] ?? mark);
}

function clean(value: string): string {
  const text = value.replace(/\r\n?/g, "\n").replace(controls, "").replace(directionControls, "");
  return cut(text.toWellFormed(), longestValue);
}

/** Never in the middle of a character. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}

/** Stricter than encodeURIComponent, which leaves what ends a quoted attribute or an address in a text. */
function encodePart(text: string): string {
  return encodeURIComponent(text).replace(/['()*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A value that is an address by itself leads there only if it is https; else the link leads nowhere. */
function wholeAddress(value: string): string {
  const text = clean(value).trim();
  if (!URL.canParse(text)) return "#";
  const url = new URL(text);
  return url.protocol === "https:" && !url.username && !url.password ? escapeMarkup(url.href) : "#";
}
