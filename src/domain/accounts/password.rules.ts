import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

const least = 12;
const most = 128;
/** Of 0 to 4: below 3, fewer than a hundred million guesses find it. */
const leastScore = 3;

let judge: Promise<ZxcvbnFactory> | undefined;

/**
 * Why a password can't be taken, or null. Any characters do; length and not being easy to guess are all that counts.
 * (reliability 1.3, 1)
 * @param about what everybody knows about the person: name, address
 */
export async function passwordMistake(password: string, about: readonly string[]): Promise<string | null> {
  const length = [...password].length;
  if (length < least) return `it has ${length} characters; take at least ${least}`;
  if (length > most) return `it has ${length} characters; take at most ${most}`;
  judge ??= loadJudge();
  const known = about.flatMap((text) => [text, ...text.split(/[\s@.]+/)]).filter((text) => text.length > 2);
  const { score } = (await judge).check(password, known);
  return score < leastScore ? "it is easy to guess; a few words that don't belong together are better" : null;
}

/** Its dictionary is large: processes that judge no password never load it. */
async function loadJudge(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
