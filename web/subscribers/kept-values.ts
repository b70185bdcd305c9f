interface Valued {
  readonly values: Readonly<Record<string, string>>;
}

/** Some of a person's kept values, those first that the search has found. */
export function valuesOf({ values }: Valued, search: string): string {
  const words = plain(search).split(/\s+/).filter(Boolean);
  const isFound = (value: string) => words.some((word) => ` ${plain(value)}`.includes(` ${word}`));
  const kept = Object.values(values).filter(Boolean);
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
