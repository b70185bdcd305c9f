import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, InvalidInputError } from "../../platform/errors.ts";
import { hashPassword } from "../../platform/passwords.ts";
import { hashToken, newToken } from "../../platform/secrets.ts";
import { type Context, inAccount } from "../context.ts";
import { passwordMistake } from "./password.rules.ts";
import { recordChange } from "./record-change.ts";
import { askPasswordAgain } from "./second-factor.ts";
import { deletePasswordLinks, deleteSessionsOf, renewSession, takePasswordLink } from "./session-store.ts";
import { nameOf, type User, type UserSession } from "./user.ts";
import { selectUser, updatePasswordHash } from "./user-store.ts";

/** @throws InvalidInputError saying what is wrong with it */
export async function checkPassword(
  password: string,
  user: Pick<User, "name" | "email">,
  path = "password",
): Promise<void> {
  const message = await passwordMistake(password, [user.name, user.email, "lockstep"]);
  if (message) throw new InvalidInputError([{ path, message }]);
}

/**
 * Somebody changes their own password. Every other session of theirs ends.
 * @returns this session's new token
 * @throws ForbiddenError when the current one is wrong
 */
export async function changeOwnPassword(
  ctx: Context,
  { session, user }: { readonly session: UserSession; readonly user: User },
  input: { readonly currentPassword: string; readonly newPassword: string },
): Promise<string> {
  await askPasswordAgain(ctx, user, input.currentPassword);
  await checkPassword(input.newPassword, user, "newPassword");
  const hash = await hashPassword(input.newPassword);
  const token = newToken("lss");
  await ctx.db.system(async (tx) => {
    await setPassword(tx, ctx, user, hash, nameOf(user));
    await renewSession(tx, session, hashToken(token));
    await deleteSessionsOf(tx, user.id, session.id);
  });
  return token;
}

/**
 * Sets the password of whom the link was for: a reset, or an invitation's first. Every session of theirs ends.
 * @throws ConflictError when the link was used, is too old or never was
 * @throws InvalidInputError when the password can't be taken; the link still works
 */
export async function confirmPasswordLink(ctx: Context, token: string, password: string): Promise<void> {
  await ctx.db.system(async (tx) => {
    const link = await takePasswordLink(tx, hashToken(token), ctx.clock.now());
    const user = link && (await selectUser(tx, link.userId));
    if (!link || !user || user.disabledAt) {
      throw new ConflictError("link_not_valid", "This link was used already, or is too old.", "Ask for a new one.");
    }
    await checkPassword(password, user);
    await refuseUsedAddress(tx, user, await hashPassword(password), ctx);
    await deleteSessionsOf(tx, user.id);
  });
}

/** An address that signs in elsewhere already is told so here: its owner alone can read this. */
async function refuseUsedAddress(tx: Tx, user: User, hash: string, ctx: Context): Promise<void> {
  try {
    await setPassword(tx, ctx, user, hash, nameOf(user));
  } catch (cause) {
    if (!(cause instanceof Error && "constraint" in cause && cause.constraint === "app_user_by_email")) throw cause;
    throw new ConflictError(
      "email_in_use",
      "This address signs in to another account of this installation already.",
      "Ask for an invitation to another address.",
      { cause },
    );
  }
}

/** Writes the password and ends every link; ending sessions is the caller's. */
export async function setPassword(tx: Tx, ctx: Context, user: User, hash: string, actor: string): Promise<void> {
  await updatePasswordHash(tx, user.id, hash);
  await deletePasswordLinks(tx, user.id);
  ctx.log.info({ user: user.id }, "a password was set");
  if (user.accountId) await recordChange(tx, inAccount(ctx, user.accountId, actor), "user.set_password", user.email);
}
