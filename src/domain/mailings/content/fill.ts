import { fillPreferenceLink } from "../../bridges/preference-link.rules.ts";
import type { AmsPreferencesPiece, FieldPiece, Piece } from "../frozen-content.ts";
import { escapeFor } from "./escape.rules.ts";
import { parseOutput, renderOutput } from "./liquid.ts";

/** What is one recipient's own: the values by field, and the addresses in this mail. */
export interface FillPerson {
  readonly values: Readonly<Record<string, string>>;
  readonly links: {
    click(link: number): string;
    readonly unsubscribe: string;
    readonly preferences: string;
    /** Empty where opens aren't tracked. */
    readonly pixel: string;
  };
}

type Part = string | ((person: FillPerson) => string);

/** Makes the text of each recipient from pieces that were read once. Called a million times for a large mailing. */
export function createFiller(pieces: readonly Piece[]): (person: FillPerson) => string {
  const parts = pieces.map(toPart);
  return (person) => {
    let text = "";
    for (const part of parts) text += typeof part === "string" ? part : part(person);
    return text;
  };
}

const known = new WeakMap<Exclude<Piece, string>, Part>();

/** What one piece is for a recipient. */
export function fillPiece(piece: Exclude<Piece, string>, person: FillPerson): string {
  const part = known.get(piece) ?? toPart(piece);
  known.set(piece, part);
  return typeof part === "string" ? part : part(person);
}

function toPart(piece: Piece): Part {
  if (typeof piece === "string") return piece;
  switch (piece.kind) {
    case "field":
      return fieldPart(piece);
    case "link":
      return ({ links }) => links.click(piece.link);
    case "unsubscribe":
      return ({ links }) => links.unsubscribe;
    case "preferences":
      return ({ links }) => links.preferences;
    case "ams_preferences":
      return amsPreferences(piece);
    case "pixel":
      return ({ links }) => (links.pixel ? pixel(links.pixel) : "");
  }
}

function amsPreferences({ address, place }: AmsPreferencesPiece): Part {
  return ({ values, links }) => {
    const key = personalValue(values, "remote_id");
    if (key === "") return links.preferences;
    // It is a whole address wherever it stands, so it is never encoded as a part of one.
    return escapeFor(place === "url" ? "text" : place, fillPreferenceLink(address, key));
  };
}

/** An image of one pixel: its address is what is asked for when a mail is opened. */
function pixel(address: string): string {
  return `<img src="${address}" width="1" height="1" alt="" style="display:block;border:0;width:1px;height:1px">`;
}

/** A value alone, or with a default and nothing else: nearly every one. */
const simple = /^\{\{ value(?: \| default: (?:"([^"]*)"|'([^']*)'))? \}\}$/;

function fieldPart({ field, template, fallback = "", place }: FieldPiece): Part {
  const found = simple.exec(template);
  if (found) {
    const missing = escapeFor(place, found[1] ?? found[2] ?? fallback);
    return ({ values }) => {
      const value = personalValue(values, field);
      return value === "" ? missing : escapeFor(place, value);
    };
  }
  const output = parseOutput(template);
  return ({ values }) => escapeFor(place, renderOutput(output, personalValue(values, field) || fallback));
}

/** A value of spaces alone is none. What objects have by nature is nobody's value. */
export function personalValue(values: FillPerson["values"], field: string): string {
  const value = Object.hasOwn(values, field) ? values[field] : undefined;
  return typeof value === "string" && value.trim() !== "" ? value : "";
}
