import { addressKey } from "./address.rules.ts";

/** Words beyond these narrow nothing down. */
const mostWords = 8;
const longestWord = 100;

/** What is looked for among people: beginnings of words, and the beginning of a remote ID. */
export interface PeopleSearch {
  /** A `tsquery`: every word begins one of the person's. Null when the text has no word. */
  readonly words: string | null;
  /** Remote IDs from this one up to, not with, the other; both null when the text can't begin one. */
  readonly keyFrom: string | null;
  readonly keyTo: string | null;
}

/** Reads what somebody typed: parts of names, of an address, of any value that is kept, or a customer key. */
export function peopleSearch(text: string): PeopleSearch {
  // A whole address is looked for in the form that addresses are kept by: its domain may be an international one.
  const typed = addressKey(text) ?? text.normalize("NFC").trim().toLowerCase();
  const words = typed.match(/[\p{L}\p{N}\p{M}]+/gu)?.slice(0, mostWords) ?? [];
  const isKey = /^[^\s@]{3,100}$/.test(typed);
  return {
    words: words.length > 0 ? words.map((word) => beginning(word.slice(0, longestWord))).join(" & ") : null,
    keyFrom: isKey ? typed : null,
    keyTo: isKey ? `${typed}\u{10FFFF}` : null,
  };
}

/** The index keeps letters beyond ASCII as they came, so a word with some is looked for in its usual spellings. */
function beginning(word: string): string {
  const first = word.replace(/^./u, (letter) => (letter > "~" ? letter.toUpperCase() : letter));
  const all = word.replace(/[^ -~]+/gu, (letters) => letters.toUpperCase());
  const spellings = [...new Set([word, first, all])].map((spelling) => `'${spelling}':*`);
  return spellings.length === 1 ? spellings.join() : `(${spellings.join(" | ")})`;
}
