import { AmsError, type OptOutCategory } from "../connector.ts";
import type { Element } from "./answer-reader.ts";
import type { Bounds } from "./bounds.ts";
import { type Calls, readInline } from "./calls.ts";
import { incomplete } from "./failures.ts";
import { toCategory } from "./lists.ts";
import type { Mapping } from "./mapping.ts";

/** More kinds of mailings than any association has: an answer with more is none. */
const mostCategories = 1000;
const cellDepth = 7;
const namesShown = 20;

/**
 * The opt-out categories of a site, in one answer: the operation takes no key to go on from.
 * @returns null where the site doesn't offer them, or the mapping asks for none
 */
export async function readOptOutCategories(
  calls: Calls,
  need: Mapping["optOutCategories"],
  bounds: Bounds,
  signal: AbortSignal,
): Promise<readonly OptOutCategory[] | null> {
  if (!need) return null;
  const columns = [need.key, need.name];
  try {
    return await calls.retried(signal, async () => {
      const rows: string[][] = [];
      const seen = new Set<string>();
      const onElement = ({ name, depth }: Element) => {
        if (depth === cellDepth && seen.size < namesShown) seen.add(name.slice(0, 64));
      };
      try {
        for await (const batch of calls.call({ ...need, values: {}, columns }, signal, readInline(bounds, onElement)))
          takeRows(rows, batch);
      } catch (error) {
        throw withColumns(error, seen);
      }
      return toCategories(rows);
    });
  } catch (error) {
    if (isUnknownOperation(error)) return null;
    throw error;
  }
}

function takeRows(rows: string[][], batch: readonly string[][]): void {
  if (rows.length + batch.length > mostCategories)
    throw new AmsError(
      "limit",
      `The list of opt-out categories has more than ${mostCategories}; it is left as it was.`,
    );
  rows.push(...batch);
}

/** After the whole answer: one that lacks a column is told as that, not by what is missing in its first row. */
function toCategories(rows: readonly string[][]): readonly OptOutCategory[] {
  const found = rows.map(([key = "", name = ""]) => toCategory(key, name));
  const twice = found.find(({ key }, place) => found.findIndex((other) => other.key === key) !== place);
  if (twice) throw incomplete("the list of opt-out categories has one of them twice", twice.key);
  return found;
}

/** A site names its columns as it likes: who maps them wants to see what there is. */
function withColumns(error: unknown, seen: ReadonlySet<string>): unknown {
  if (!(error instanceof AmsError) || error.kind !== "mapping" || seen.size === 0) return error;
  const detail = `${error.detail ?? ""}; its rows have ${[...seen].join(", ")}`;
  return new AmsError("mapping", error.message, { detail, cause: error });
}

/** What .NET says of an operation that a service doesn't have. */
function isUnknownOperation(error: unknown): boolean {
  return error instanceof AmsError && error.kind === "mapping" && /did not recognize/i.test(error.detail ?? "");
}
