import { NotFoundError } from "../../platform/errors.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { type Context, inAccount } from "../context.ts";
import type { AccountId } from "./account.ts";
import type { SignedIn } from "./find-signed-in.ts";
import { recordChange } from "./record-change.ts";
import { renewSession } from "./session-store.ts";
import { selectAccount } from "./store.ts";
import { nameOf } from "./user.ts";

/**
 * Staff enter an account, with an administrator's rights. The account's audit log tells.
 * @returns the session's new token
 * @throws NotFoundError when there is no such account
 */
export function enterAccount(ctx: Context, { session, user }: SignedIn, accountId: AccountId): Promise<string> {
  const token = newToken("lss");
  return ctx.db.system(async (tx) => {
    if (!(await selectAccount(tx, accountId))) throw new NotFoundError("account", accountId);
    await renewSession(tx, { ...session, enteredAccountId: accountId }, hashToken(token));
    await recordChange(tx, inAccount(ctx, accountId, nameOf(user)), "account.enter", user.email);
    return token;
  });
}

/** Staff leave the account that they are in. @returns the session's new token */
export function leaveAccount(ctx: Context, { session, user }: SignedIn): Promise<string> {
  const token = newToken("lss");
  return ctx.db.system(async (tx) => {
    const left = session.enteredAccountId;
    await renewSession(tx, { ...session, enteredAccountId: null }, hashToken(token));
    if (left) await recordChange(tx, inAccount(ctx, left, nameOf(user)), "account.leave", user.email);
    return token;
  });
}
