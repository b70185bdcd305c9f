export type CategoryId = string & { readonly __brand: "CategoryId" };

/**
 * A kind of mailing that people can opt out of in the AMS. A mailing may be of one. The AMS tells nobody who opted
 * out of it, so it leaves nobody out: it says what kind of mailing it is.
 */
export interface OptOutCategory {
  readonly id: CategoryId;
  readonly name: string;
  readonly missingSince: Temporal.Instant | null;
}
