interface Valued {
  readonly values: Readonly<Record<string, string>>;
}

/** How early a field names the person: AMSs call such fields alike. */
const ownNames = [/full_?name/i, /first_?name/i, /middle_?name/i, /last_?name/i];

function rankOf(field: string): number {
  const at = ownNames.findIndex((form) => form.test(field));
  return at === -1 ? ownNames.length : at;
}

/** Some of a person's kept values: first what the search has found, then the person's own name. */
export function valuesOf({ values }: Valued, search: string): string {
  const words = plain(search).split(/\s+/).filter(Boolean);
  const isFound = (value: string) => words.some((word) => ` ${plain(value)}`.includes(` ${word}`));
  const kept = Object.entries(values)
    .filter(([, value]) => value !== "")
    .sort(([one], [other]) => rankOf(one) - rankOf(other))
    .map(([, value]) => value);
  const found = kept.filter(isFound);
  return [...found, ...kept.filter((value) => !isFound(value))].slice(0, 3).join(" · ");
}

/** As the search compares: without accents and capitals, and words apart. */
const plain = (text: string) =>
  text
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}@.]+/gu, " ")
    .trim();
