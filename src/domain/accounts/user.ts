import type { AccountId } from "./account.ts";
import type { Role } from "./permissions.rules.ts";

export type UserId = string & { readonly __brand: "UserId" };
export type UserSessionId = string & { readonly __brand: "UserSessionId" };

/** Somebody who signs in: a client user of one account, or staff. What is secret about them stays in the store. */
export interface User {
  readonly id: UserId;
  /** Null for staff. */
  readonly accountId: AccountId | null;
  /** Null for staff, who are administrators wherever they enter. */
  readonly role: Role | null;
  readonly email: string;
  readonly name: string;
  readonly hasSecondFactor: boolean;
  /** False until an invitation is answered. */
  readonly hasPassword: boolean;
  readonly createdAt: Temporal.Instant;
  readonly signedInAt: Temporal.Instant | null;
  readonly disabledAt: Temporal.Instant | null;
}

/** One browser's sign-in. */
export interface UserSession {
  readonly id: UserSessionId;
  readonly state: "second_factor" | "signed_in";
  readonly enteredAccountId: AccountId | null;
  /** Asked for by the account's own sign-in provider. */
  readonly isSecondFactorDone: boolean;
  readonly createdAt: Temporal.Instant;
  readonly usedAt: Temporal.Instant;
}

/** How somebody is named in histories and in the audit log. */
export function nameOf(user: Pick<User, "name" | "email" | "accountId">): string {
  return `${user.accountId === null ? "staff: " : ""}${user.name} (${user.email})`;
}

/** What an address is found by: capitals make no other person. (product 2.1) */
export function emailKeyOf(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}
