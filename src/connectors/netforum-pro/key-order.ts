import { incomplete } from "./failures.ts";
import { isGuid } from "./mapping.ts";

/**
 * The orders that a site may keep its keys in: as SQL Server compares a `uniqueidentifier`, by its last six bytes
 * first, or as text. Both take keys in lower case without braces.
 */
const orders = { sqlServer: comesAfterInSqlServer, text: (left: string, right: string) => left > right } as const;

/**
 * Watches that the rows of a read come in one order of their keys, from the first page to the last. Where they don't,
 * "what comes after the last key" is not the rest: a site that ignores the order and cuts its answers would leave rows
 * out, and no page would show it. Which of the orders it is, the rows themselves tell.
 */
export class KeyOrder {
  #last: string;
  #possible = Object.values(orders);

  /** @param after the key that the read goes on behind */
  constructor(after: string) {
    this.#last = after;
  }

  /**
   * Takes the next row's key. A key that is none stands nowhere, and a row that comes twice is only counted twice.
   * @throws AmsError of kind `incomplete` when no order is left in which the keys read so far could stand
   */
  take(key: string): void {
    if (key === this.#last || !isGuid(key)) return;
    const last = this.#last;
    for (const comesAfter of this.#possible) {
      if (comesAfter(key, last)) continue;
      this.#possible = this.#possible.filter((order) => order(key, last));
      if (this.#possible.length === 0) {
        throw incomplete(
          "its rows don't come in the order of their keys, so some may be left out",
          `${key} after ${last}`,
        );
      }
      break;
    }
    this.#last = key;
  }
}

/** Nearly every pair differs in its last group: only the others need the rest. */
function comesAfterInSqlServer(left: string, right: string): boolean {
  const [leftEnd, rightEnd] = [left.slice(24), right.slice(24)];
  return leftEnd === rightEnd ? inSqlServerOrder(left) > inSqlServerOrder(right) : leftEnd > rightEnd;
}

/** Bytes 10–15, then 8–9, as written; the first three groups are stored with their least byte first. */
function inSqlServerOrder(key: string): string {
  const swapped = (from: number, to: number) => key.slice(from, to).match(/../g)?.reverse().join("");
  return `${key.slice(24)}${key.slice(19, 23)}${swapped(14, 18)}${swapped(9, 13)}${swapped(0, 8)}`;
}
