import type { FieldPiece, FrozenContent, Piece } from "../frozen-content.ts";
import { escapeMarkup } from "./escape.rules.ts";
import { createFiller, type FillPerson, fillPiece, personalValue } from "./fill.ts";

/** What stands where one person has no value of a field. */
export interface StandIn {
  readonly field: string;
  /** As people know the field. */
  readonly displayName: string;
  /** What took the value's place; empty where nothing did. */
  readonly text: string;
  /** Who said so: the mailing, or the field's own default value. Null where nothing stands. */
  readonly from: "mailing" | "field" | null;
  /** Where in the mail; `attribute` is a link's address or a picture's description. */
  readonly places: readonly ("subject" | "body" | "attribute" | "text_part")[];
}

/** A text in parts: those that stand for a value that there isn't say for which field. */
export interface MarkedText {
  readonly text: string;
  readonly standsFor: string | null;
}

type NameOf = (field: string) => string;

/** Every field that this person lacks, with what took its place, in the order in which they come. */
export function standInsOf(content: FrozenContent, person: FillPerson, nameOf: NameOf): readonly StandIn[] {
  const found = new Map<string, StandIn>();
  const add = (piece: FieldPiece, place: StandIn["places"][number]) => {
    const text = fillPiece({ ...piece, place: "text" }, person);
    const key = `${piece.field}\n${text}`;
    const before = found.get(key);
    const from = text === "" ? null : piece.fallback === undefined ? "mailing" : "field";
    const places = [...new Set([...(before?.places ?? []), place])];
    found.set(key, { field: piece.field, displayName: nameOf(piece.field), text, from, places });
  };
  for (const piece of lacking(content.subject, person)) add(piece, "subject");
  for (const piece of lacking(content.html, person)) add(piece, piece.place === "html" ? "body" : "attribute");
  for (const piece of lacking(content.text, person)) add(piece, "text_part");
  return [...found.values()];
}

/** A subject or a text part in parts. */
export function markText(pieces: readonly Piece[], person: FillPerson, nameOf: NameOf): readonly MarkedText[] {
  const parts: MarkedText[] = [];
  for (const piece of pieces) {
    const standsFor = isLacking(piece, person) ? nameOf(piece.field) : null;
    const text = createFiller([piece])(person);
    const last = parts.at(-1);
    if (last && last.standsFor === null && standsFor === null)
      parts[parts.length - 1] = { text: last.text + text, standsFor };
    else parts.push({ text, standsFor });
  }
  return parts;
}

const markStyle = "background:#ffe7a8;color:#4a3000;outline:1px dashed #8a5a00;outline-offset:1px";

/** The HTML with what stands in marked where it stands; in an attribute there is no place for a mark. */
export function markHtml(pieces: readonly Piece[], person: FillPerson, nameOf: NameOf): string {
  return createFiller(
    pieces.map((piece) => {
      if (!isLacking(piece, person) || piece.place !== "html") return piece;
      const name = escapeMarkup(nameOf(piece.field));
      const text = fillPiece(piece, person);
      const title = `${name}: there is no value, and ${text === "" ? "no default" : "this stands for it"}`;
      return `<mark style="${markStyle}" title="${title}">${text === "" ? `[${name}: nothing]` : text}</mark>`;
    }),
  )(person);
}

const lacking = (pieces: readonly Piece[], person: FillPerson) =>
  pieces.filter((piece): piece is FieldPiece => isLacking(piece, person));

/** Whether a person has no value of it, or one of which its filters make nothing. */
function isLacking(piece: Piece, person: FillPerson): piece is FieldPiece {
  if (typeof piece === "string" || piece.kind !== "field") return false;
  return personalValue(person.values, piece.field) === "" || fillPiece(piece, person) === "";
}
