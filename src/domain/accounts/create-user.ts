import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, InvalidInputError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { hashPassword } from "../../platform/passwords.ts";
import { newReadableSecret } from "../../platform/secrets.ts";
import { type AccountContext, type Context, inAccount } from "../context.ts";
import type { AccountId } from "./account.ts";
import { checkPassword } from "./password.ts";
import { deliverLink, type LinkDelivery } from "./password-link.ts";
import type { Role } from "./permissions.rules.ts";
import { recordChange } from "./record-change.ts";
import type { User, UserId } from "./user.ts";
import { countUsers, insertUser } from "./user-store.ts";

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/**
 * Invites somebody into the account: they choose their password by a link.
 * Whether the address signs in elsewhere is told to nobody but its owner.
 * @throws ConflictError when the account has this address already
 */
export function inviteUser(
  ctx: AccountContext,
  input: NewUser,
): Promise<{ readonly user: User; readonly invitation: LinkDelivery }> {
  const user = newUser(ctx, ctx.accountId, input);
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await insertOrExplain(tx, user, null);
    await recordChange(tx, ctx, "user.invite", user.email, { role: input.role });
    return { user, invitation: await deliverLink(tx, ctx, user, "invitation") };
  });
}

/**
 * Makes a user with a password at once, for the operator: a client user of an account, or staff.
 * @param input.password left out, one is made up
 * @returns the password, shown this once
 * @throws ConflictError when the address signs in already
 */
export async function createUser(
  ctx: Context,
  input: Omit<NewUser, "role"> & {
    readonly accountId: AccountId | null;
    readonly role: Role | null;
    readonly password?: string | undefined;
  },
  actor: string,
): Promise<{ readonly user: User; readonly password: string }> {
  const user = newUser(ctx, input.accountId, input);
  const password = input.password ?? newReadableSecret();
  await checkPassword(password, user);
  const hash = await hashPassword(password);
  await ctx.db.system(async (tx) => {
    await insertOrExplain(tx, user, hash);
    await recordCreation(tx, ctx, user, actor);
  });
  return { user: { ...user, hasPassword: true }, password };
}

async function recordCreation(tx: Tx, ctx: Context, user: User, actor: string): Promise<void> {
  ctx.log.info({ user: user.id, account: user.accountId, role: user.role }, "a user was made");
  if (!user.accountId) return;
  await recordChange(tx, inAccount(ctx, user.accountId, actor), "user.create", user.email, { role: user.role });
}

export function newUser(
  ctx: Context,
  accountId: AccountId | null,
  input: { readonly email: string; readonly name: string; readonly role: Role | null },
): User {
  const [email, name] = [input.email.trim(), input.name.trim()];
  const mistakes = [
    ...(isAddress(email) ? [] : [{ path: "email", message: "is no e-mail address" }]),
    ...(name === "" || name.length > 200 ? [{ path: "name", message: "has 1 to 200 characters" }] : []),
  ];
  if (mistakes.length > 0) throw new InvalidInputError(mistakes);
  return {
    id: newId<UserId>(),
    accountId,
    role: input.role,
    email,
    name,
    hasSecondFactor: false,
    hasPassword: false,
    createdAt: ctx.clock.now(),
    signedInAt: null,
    disabledAt: null,
  };
}

/** One @, something on both sides, nothing that breaks a header: the mail that arrives is the real check. */
function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>",;:\p{Cc}]+@[^\s@<>",;:\p{Cc}]+$/u.test(text);
}

/** So that a list of users is one page, and a script that went wrong finds an end. */
const mostUsers = 1000;

/** @throws ConflictError when the address is taken, or the account is full */
export async function insertOrExplain(tx: Tx, user: User, hash: string | null): Promise<void> {
  if (user.accountId && (await countUsers(tx, user.accountId)) >= mostUsers) {
    throw new ConflictError(
      "account_full",
      `The account has ${mostUsers} users, and can't have more.`,
      "Disable those who left, or make another account.",
    );
  }
  try {
    await insertUser(tx, user, hash);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "23505")) throw cause;
    throw new ConflictError(
      "email_in_use",
      `There is a user with the address ${user.email} already.`,
      "Change that one instead, or take another address.",
      { cause },
    );
  }
}
