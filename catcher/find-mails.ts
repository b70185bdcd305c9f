import { decodeWords } from "postal-mime";
import type { Caught } from "./mail-file.ts";

/** Mails on one page of the list. */
const pageSize = 50;

/** A page of the list. */
export interface Found {
  readonly search: string;
  /** All that were caught, and those that the search finds. */
  readonly total: number;
  readonly matches: number;
  readonly mails: readonly Caught[];
  /** How many newer ones stand on the pages before. */
  readonly skipped: number;
  readonly pageSize: number;
}

/** The newest first; each word of a search stands somewhere in the addresses or the subject. */
export function findMails(mails: readonly Caught[], asked: URLSearchParams): Found {
  const search = (asked.get("q") ?? "").trim();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const isMatch = ({ from, to, subject }: Caught) => {
    const text = `${from} ${to.join(" ")} ${readWords(subject)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const found = words.length === 0 ? mails : mails.filter(isMatch);
  const skipped = Math.min(Math.max(0, Math.floor(Number(asked.get("skip")) || 0)), Math.max(0, found.length - 1));
  const end = found.length - skipped;
  const page = found.slice(Math.max(0, end - pageSize), end).reverse();
  return { search, total: mails.length, matches: found.length, mails: page, skipped, pageSize };
}

/** A header's encoded words in plain letters. */
export function readWords(text: string): string {
  return text.includes("=?") ? decodeWords(text) : text;
}
