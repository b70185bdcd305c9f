import type { FieldPiece, Piece } from "../frozen-content.ts";
import { escapeFor, escapeMarkup } from "./escape.rules.ts";
import type { Expression } from "./expression.rules.ts";
import type { KnownField } from "./known-fields.ts";

/** What stands in every mail of the account, and what its fields are. */
export interface Ground {
  readonly known: ReadonlyMap<string, KnownField>;
  readonly postalAddress: string;
  /** Where the links of mails lead. */
  readonly publicUrl: string;
  /** BCP 47: what a screen reader takes the mail for. */
  readonly language: string;
}

/** What a field becomes in its place: a piece of each recipient's own, or the account's address as it stands. */
export function toPiece({ known, postalAddress }: Ground, expression: Expression, place: FieldPiece["place"]): Piece {
  const { field, template, hasDefault } = expression;
  if (field === "unsubscribe_url") return { kind: "unsubscribe" };
  if (field === "preferences_url") return { kind: "preferences" };
  if (field === "ams_preferences_url") return { kind: "ams_preferences", address: known.get(field)?.link ?? "", place };
  if (field === "postal_address") return addressIn(place, postalAddress);
  const fallback = hasDefault ? "" : (known.get(field)?.defaultValue ?? "");
  return { kind: "field", field, template, place, ...(fallback !== "" && { fallback }) };
}

/** The postal address is the account's own text, and yet no markup. */
function addressIn(place: FieldPiece["place"], postalAddress: string): string {
  if (place === "html") return toLines(postalAddress);
  if (place === "text") return postalAddress;
  return escapeFor(place, postalAddress.replace(/\s*\r?\n\s*/g, ", "));
}

export function toLines(text: string): string {
  return escapeMarkup(text).replace(/\r?\n/g, "<br>");
}

/** Neighbouring texts as one. */
export function joinTexts(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (typeof piece === "string" && typeof last === "string") joined[joined.length - 1] = last + piece;
    else if (piece !== "") joined.push(piece);
  }
  return joined;
}

/** The names of the fields that pieces ask for, each once. */
export function fieldsOf(pieces: readonly Piece[]): readonly string[] {
  const fields = pieces.flatMap((piece) => {
    if (typeof piece === "string") return [];
    if (piece.kind === "ams_preferences") return ["remote_id"];
    return piece.kind === "field" ? [piece.field] : [];
  });
  return [...new Set(fields)];
}

export const has = (pieces: readonly Piece[], kind: Exclude<Piece, string>["kind"]) =>
  pieces.some((piece) => typeof piece !== "string" && piece.kind === kind);
