import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, NotFoundError } from "../../platform/errors.ts";
import { hashPassword } from "../../platform/passwords.ts";
import { newReadableSecret } from "../../platform/secrets.ts";
import type { AccountContext, Context } from "../context.ts";
import { setPassword } from "./password.ts";
import { deliverLink, type LinkDelivery } from "./password-link.ts";
import type { Role } from "./permissions.rules.ts";
import { recordChange } from "./record-change.ts";
import { deleteSecondFactor } from "./second-factor-store.ts";
import { deletePasswordLinks, deleteSessionsOf } from "./session-store.ts";
import type { User, UserId } from "./user.ts";
import {
  countAdministrators,
  lockUser,
  selectEveryUser,
  selectUserByEmail,
  selectUsers,
  updateUserDisabled,
  updateUserRole,
} from "./user-store.ts";

export function listUsers(ctx: AccountContext): Promise<readonly User[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectUsers(tx, ctx.accountId));
}

/** Everybody of the installation, for the operator. */
export function listEveryUser(ctx: Context): Promise<readonly User[]> {
  return ctx.db.system(selectEveryUser);
}

/**
 * Changes a user's role, or switches the user off or on. Their sessions end, so that no old right lives on.
 * @throws NotFoundError when the account has no such user
 * @throws ConflictError when the account would be left without an administrator
 */
export function changeUser(
  ctx: AccountContext,
  id: UserId,
  change: { readonly role?: Role | undefined; readonly isDisabled?: boolean | undefined },
): Promise<User> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const administrators = await countAdministrators(tx, ctx.accountId);
    const user = await getUser(tx, ctx, id);
    const isDisabled = change.isDisabled ?? user.disabledAt !== null;
    const role = change.role ?? user.role ?? "viewer";
    const wasAdministrator = user.role === "administrator" && user.hasPassword && !user.disabledAt;
    if (wasAdministrator && administrators === 1 && (isDisabled || role !== "administrator")) throw lastAdministrator();
    if (role !== user.role) {
      await updateUserRole(tx, ctx.accountId, id, role);
      await recordChange(tx, ctx, "user.change_role", user.email, { from: user.role, to: role });
    }
    if (isDisabled !== (user.disabledAt !== null)) {
      await updateUserDisabled(tx, id, isDisabled ? ctx.clock.now() : null);
      await deletePasswordLinks(tx, id);
      await recordChange(tx, ctx, isDisabled ? "user.disable" : "user.enable", user.email);
    }
    await deleteSessionsOf(tx, id);
    return getUser(tx, ctx, id);
  });
}

function lastAdministrator(): ConflictError {
  return new ConflictError(
    "last_administrator",
    "This is the account's last administrator.",
    "Make somebody else an administrator first.",
  );
}

/** An administrator sends somebody a link to a new password; an invitation again, if there never was one. */
export function resetUserPassword(ctx: AccountContext, id: UserId): Promise<LinkDelivery> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const user = await getUser(tx, ctx, id);
    if (user.disabledAt)
      throw new ConflictError("user_disabled", `${user.email} is disabled.`, "Enable the user first.");
    await recordChange(tx, ctx, "user.reset_password", user.email);
    return deliverLink(tx, ctx, user, user.hasPassword ? "reset" : "invitation");
  });
}

/** For somebody who lost the authenticator and the recovery codes. Their sessions end. */
export function removeSecondFactor(ctx: AccountContext, id: UserId): Promise<User> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const user = await getUser(tx, ctx, id);
    await deleteSecondFactor(tx, id);
    await deleteSessionsOf(tx, id);
    await recordChange(tx, ctx, "user.remove_second_factor", user.email);
    return getUser(tx, ctx, id);
  });
}

async function getUser(tx: Tx, ctx: AccountContext, id: UserId): Promise<User> {
  const user = await lockUser(tx, ctx.accountId, id);
  if (!user) throw new NotFoundError("user", id);
  return user;
}

/**
 * The operator's way out: a new password, at the command line.
 * @param options.withSecondFactor forgets the second factor too
 * @returns the password, shown this once
 */
export async function resetPasswordByOperator(
  ctx: Context,
  email: string,
  options: { readonly withSecondFactor: boolean },
  actor: string,
): Promise<string> {
  const password = newReadableSecret();
  const hash = await hashPassword(password);
  await ctx.db.system(async (tx) => {
    const user = await getByEmail(tx, email);
    await setPassword(tx, ctx, user, hash, actor);
    if (options.withSecondFactor) await deleteSecondFactor(tx, user.id);
    await deleteSessionsOf(tx, user.id);
  });
  return password;
}

/** The operator switches a user off, staff or not. Their sessions end. */
export async function disableByOperator(ctx: Context, email: string): Promise<User> {
  return ctx.db.system(async (tx) => {
    const user = await getByEmail(tx, email);
    await updateUserDisabled(tx, user.id, ctx.clock.now());
    await deleteSessionsOf(tx, user.id);
    ctx.log.info({ user: user.id }, "a user was disabled");
    return user;
  });
}

async function getByEmail(tx: Tx, email: string): Promise<User> {
  const found = await selectUserByEmail(tx, email);
  if (!found) throw new NotFoundError("user with a password", email, "lockstep user list shows who there is.");
  return found.user;
}
