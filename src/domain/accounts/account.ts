import type { Role } from "./permissions.rules.ts";

export type AccountId = string & { readonly __brand: "AccountId" };
export type ApiKeyId = string & { readonly __brand: "ApiKeyId" };

/** One association. Everything else belongs to exactly one account. */
export interface Account {
  readonly id: AccountId;
  readonly name: string;
  /** IANA name; the Nightly Sync and every shown instant use it. */
  readonly timeZone: string;
  readonly createdAt: Temporal.Instant;
  /** BCP 47: how dates and numbers are written. */
  readonly locale: string;
  /** Everybody of it needs a second factor. */
  readonly requiresSecondFactor: boolean;
  /** Who mailings come from, unless they say otherwise; empty until somebody says. */
  readonly senderName: string;
  readonly senderAddress: string;
  readonly suspendedAt: Temporal.Instant | null;
  readonly version: number;
}

/** An API key as it may be shown: the key itself is kept nowhere. */
export interface ApiKey {
  readonly id: ApiKeyId;
  readonly name: string;
  readonly hint: string;
  readonly role: Role;
  readonly createdAt: Temporal.Instant;
  readonly lastUsedAt: Temporal.Instant | null;
  readonly revokedAt: Temporal.Instant | null;
}
