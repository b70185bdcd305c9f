import { detect } from "chardet";
import { addressKey } from "../subscribers/address.rules.ts";
import type { Columns } from "./upload.ts";

/** By the names of the WHATWG's Encoding Standard, and UTF-16. */
export const encodings = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1252",
  "windows-1250",
  "windows-1251",
  "shift_jis",
  "gb18030",
  "big5",
  "euc-kr",
] as const;
export type Encoding = (typeof encodings)[number];

export const delimiters = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof delimiters)[number];

const marks: readonly (readonly [Encoding, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/**
 * The encoding of a file's beginning: by its mark, by zeros as UTF-16 has them, by being UTF-8, by how often
 * letters come. What is left is taken for Windows-1252, in which everything can be read.
 */
export function guessEncoding(beginning: Uint8Array): Encoding {
  const marked = marks.find(([, mark]) => mark.every((byte, at) => beginning[at] === byte));
  if (marked) return marked[0];
  // Text in Latin letters has a zero in every other byte.
  const zeros = [0, 0];
  for (const [at, byte] of beginning.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (even + odd > beginning.length / 4) return odd > even ? "utf-16le" : "utf-16be";
  if (isUtf8(beginning)) return "utf-8";
  const guess = detect(beginning)?.toLowerCase() ?? "";
  return encodings.find((known) => known === (sameAs[guess] ?? guess)) ?? "windows-1252";
}

/** What is read as another that has all of its letters. */
const sameAs: Readonly<Record<string, Encoding>> = { "iso-8859-1": "windows-1252", "iso-8859-2": "windows-1250" };

/** A letter cut at the end is no mistake: it goes on in the next piece. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The delimiter that the first lines have most alike: as often in each of them, and more than never. */
export function guessDelimiter(text: string): Delimiter {
  const lines = text
    .replaceAll(/"[^"]*"/g, "")
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "")
    .slice(0, 20);
  const scores = delimiters.map((delimiter) => {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const [first = 0] = counts;
    const alike = counts.filter((count) => count === first).length / Math.max(lines.length, 1);
    return { delimiter, score: first === 0 ? 0 : alike * 1000 + first };
  });
  return scores.reduce((best, one) => (one.score > best.score ? one : best)).score > 0
    ? scores.reduce((best, one) => (one.score > best.score ? one : best)).delimiter
    : ",";
}

/** Whether the first row names the columns: it has no address, and a later one has. */
export function guessHeader(rows: readonly (readonly string[])[]): boolean {
  const [first = [], ...others] = rows;
  return !first.some(isAddress) && (others.length === 0 || others.some((row) => row.some(isAddress)));
}

const isAddress = (cell: string) => cell.includes("@") && addressKey(cell.trim()) !== null;

/** A field that an administrator keeps. */
export interface KeptField {
  readonly name: string;
  readonly displayName: string;
}

/**
 * What the columns are: the address is where most addresses are, else what is called so; a field is the column with
 * its name.
 * @param rows without the header
 */
export function guessColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  fields: readonly KeptField[],
): { readonly email: number | null; readonly fields: Columns["fields"] } {
  const width = Math.max(header.length, ...rows.map((row) => row.length), 0);
  const places = Array.from({ length: width }, (_, at) => at);
  const addresses = places.map((at) => rows.filter((row) => isAddress(row[at] ?? "")).length);
  const most = Math.max(...addresses, 0);
  const named = header.findIndex((cell) => /^e-?mail/.test(plain(cell)));
  const email = most > 0 ? addresses.indexOf(most) : named;
  const found: Record<string, number> = {};
  for (const { name, displayName } of fields) {
    const at = header.findIndex(
      (cell, place) => place !== email && [plain(name), plain(displayName)].includes(plain(cell)),
    );
    if (at >= 0) found[name] = at;
  }
  return { email: email < 0 ? null : email, fields: found };
}

/** A name as people write it: "First Name", "first_name", "FIRST-NAME". */
const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_.-]+/g, "");

/** How files begin that people take for a list, and which hold none that could be read. */
const otherFormats: readonly (readonly [string, readonly number[]])[] = [
  ["a spreadsheet's own file (.xlsx, .ods, .numbers) or an archive", [0x50, 0x4b, 0x03, 0x04]],
  ["an old spreadsheet's own file (.xls)", [0xd0, 0xcf, 0x11, 0xe0]],
  ["a PDF", [0x25, 0x50, 0x44, 0x46]],
  ["a compressed file (.gz)", [0x1f, 0x8b]],
];

/** What a file is instead of a CSV file, in words; null when it may be one. */
export function guessOtherFormat(beginning: Uint8Array): string | null {
  return otherFormats.find(([, mark]) => mark.every((byte, at) => beginning[at] === byte))?.[0] ?? null;
}
