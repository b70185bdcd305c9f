import { hashToken } from "../../platform/secrets.ts";
import type { Context } from "../context.ts";
import type { Account } from "./account.ts";
import { isSessionAlive } from "./session.rules.ts";
import {
  deleteExpired,
  deleteSession,
  deleteSessionsOf,
  selectSession,
  selectSessionStanding,
  updateSessionUsed,
} from "./session-store.ts";
import { selectAccount } from "./store.ts";
import type { User, UserSession } from "./user.ts";
import { selectUser } from "./user-store.ts";

/** Somebody with a session, and the account they are in: their own, or the one that staff entered. */
export interface SignedIn {
  readonly session: UserSession;
  readonly user: User;
  readonly account: Account | null;
  /** Nothing but setting one up is possible before. Staff always, others where their account asks for it. */
  readonly mustEnrolSecondFactor: boolean;
}

/** Whose session a cookie's token is, or undefined when it never was one, has ended, or its user is disabled. */
export function findSignedIn(ctx: Context, token: string): Promise<SignedIn | undefined> {
  return ctx.db.system(async (tx) => {
    const now = ctx.clock.now();
    const found = await selectSession(tx, hashToken(token));
    if (!found || !isSessionAlive(found.session, now)) return undefined;
    const { session } = found;
    const user = await selectUser(tx, found.userId);
    if (!user) return undefined;
    const accountId = user.accountId ?? session.enteredAccountId;
    const account = (accountId && (await selectAccount(tx, accountId))) || null;
    // Once a minute is enough for an end after twelve hours.
    if (now.since(session.usedAt).total("minutes") >= 1) await updateSessionUsed(tx, session.id, now);
    const isAsked = user.accountId === null || account?.requiresSecondFactor === true;
    const hasOne = user.hasSecondFactor || session.isSecondFactorDone;
    return { session, user, account, mustEnrolSecondFactor: isAsked && !hasOne };
  });
}

export function signOut(ctx: Context, { session }: SignedIn): Promise<void> {
  return ctx.db.system((tx) => deleteSession(tx, session.id));
}

/** Ends every session of the user, this one too. */
export function signOutEverywhere(ctx: Context, { user }: SignedIn): Promise<void> {
  return ctx.db.system((tx) => deleteSessionsOf(tx, user.id));
}

/** Whether the session goes on; asking does not count as using it. */
export function isStillSignedIn(ctx: Context, { session }: SignedIn): Promise<boolean> {
  return ctx.db.system(async (tx) => {
    const now = await selectSessionStanding(tx, session);
    return now !== undefined && isSessionAlive(now, ctx.clock.now());
  });
}

/** Erases sessions and links whose time is over, and tries long past. */
export function forgetExpired(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  return ctx.db.system((tx) => deleteExpired(tx, now.subtract({ hours: 8 * 24 }), now));
}
