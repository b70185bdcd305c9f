import { sql } from "kysely";
import { ConflictError } from "../../platform/errors.ts";
import { hashPassword } from "../../platform/passwords.ts";
import { type Context, inAccount } from "../context.ts";
import { newAccount } from "./create-account.ts";
import { insertOrExplain, newUser } from "./create-user.ts";
import { checkPassword } from "./password.ts";
import { recordChange } from "./record-change.ts";
import { insertAccount } from "./store.ts";
import { nameOf, type User } from "./user.ts";
import { isAnyUser } from "./user-store.ts";

/** True while nobody can sign in: the first who comes makes the first account. */
export async function isSetUpNeeded(ctx: Context): Promise<boolean> {
  return !(await ctx.db.system(isAnyUser));
}

export interface SetUpInput {
  readonly accountName: string;
  readonly timeZone: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/**
 * Makes the first account and its administrator.
 * @throws ConflictError when there is a user already; of two at once, the second meets it
 */
export async function setUp(ctx: Context, input: SetUpInput): Promise<User> {
  const account = newAccount(ctx, input.accountName, input.timeZone);
  const user = newUser(ctx, account.id, { ...input, role: "administrator" });
  await checkPassword(input.password, user);
  if (!(await isSetUpNeeded(ctx))) throw alreadySetUp();
  const hash = await hashPassword(input.password);
  await ctx.db.system(async (tx) => {
    await sql`lock table app_user in share row exclusive mode`.execute(tx);
    if (await isAnyUser(tx)) throw alreadySetUp();
    await insertAccount(tx, account);
    await insertOrExplain(tx, user, hash);
    const own = inAccount(ctx, account.id, nameOf(user));
    await recordChange(tx, own, "account.create", account.name);
    await recordChange(tx, own, "user.create", user.email, { role: user.role });
  });
  return { ...user, hasPassword: true };
}

function alreadySetUp(): ConflictError {
  return new ConflictError("already_set_up", "This installation is set up.", "Sign in, or ask for an invitation.");
}
