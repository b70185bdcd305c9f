export type AccountId = string & { readonly __brand: "AccountId" };
export type ApiKeyId = string & { readonly __brand: "ApiKeyId" };

/** One association. Everything else belongs to exactly one account. */
export interface Account {
  readonly id: AccountId;
  readonly name: string;
  /** IANA name; the Nightly Sync and every shown instant use it. */
  readonly timeZone: string;
  readonly createdAt: Temporal.Instant;
}

/** An API key as it may be shown: the key itself is kept nowhere. */
export interface ApiKey {
  readonly id: ApiKeyId;
  readonly name: string;
  readonly hint: string;
  readonly createdAt: Temporal.Instant;
  readonly lastUsedAt: Temporal.Instant | null;
  readonly revokedAt: Temporal.Instant | null;
}
