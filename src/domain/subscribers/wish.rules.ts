/** Who said no, or took it back. (product 2.4) */
export type WishOrigin = "person" | "administrator" | "complaint";

/** Why, for people and the AMS; null where nobody says. */
export interface Wish {
  readonly origin: WishOrigin;
  readonly reason: string | null;
}

/** So many soft bounces in a row make an address bad, if the row is this long; both bounds count. (product 4.5) */
export const softBounceBounds = { bounces: 5, days: 15 } as const;
