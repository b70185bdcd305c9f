import type { Role } from "./permissions.rules.ts";

export type AccountId = string & { readonly __brand: "AccountId" };
export type ApiKeyId = string & { readonly __brand: "ApiKeyId" };

export const openTrackings = ["off", "aggregate", "person"] as const;
/** Whether opens are recorded: not at all, counted without saying whose, or person by person. (product 4.5) */
export type OpenTracking = (typeof openTrackings)[number];

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
  /** Stands in every mailing; without it nothing is published. (product 4.5) */
  readonly postalAddress: string;
  readonly openTracking: OpenTracking;
  /** How long an instance keeps its recipients' values. (product 2.5) */
  readonly valuesKeptDays: number;
  /** How long opens, clicks and other answers are kept one by one, and who was left out of a mailing; null: for ever. */
  readonly mailingDetailKeptDays: number | null;
  /** How long the story of a sync and the rows it set aside are kept; null: for ever. */
  readonly syncDetailKeptDays: number | null;
  /** How long an uploaded file waits to be imported. */
  readonly uploadsKeptDays: number;
  /** At which hour of the account's own clock daily digests leave. */
  readonly digestHour: number;
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
