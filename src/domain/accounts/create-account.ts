import { InvalidInputError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { type Context, inAccount } from "../context.ts";
import type { Account, AccountId } from "./account.ts";
import { recordChange } from "./record-change.ts";
import { insertAccount, selectAccounts } from "./store.ts";

/**
 * Makes an account.
 * @param timeZone an IANA name, such as `Europe/Berlin`
 * @throws InvalidInputError when the name is empty or the zone unknown
 */
export async function createAccount(ctx: Context, name: string, timeZone: string, actor: string): Promise<Account> {
  const account = newAccount(ctx, name, timeZone);
  await ctx.db.transaction(account.id, async (tx) => {
    await insertAccount(tx, account);
    await recordChange(tx, inAccount(ctx, account.id, actor), "account.create", account.name);
  });
  return account;
}

/** An account as it begins, not written yet. @throws InvalidInputError when the name is empty or the zone unknown */
export function newAccount(ctx: Context, name: string, timeZone: string): Account {
  if (name.trim() === "") throw new InvalidInputError([{ path: "name", message: "an account needs a name" }]);
  checkTimeZone(timeZone);
  return {
    id: newId<AccountId>(),
    name: name.trim(),
    timeZone,
    createdAt: ctx.clock.now(),
    locale: "en",
    requiresSecondFactor: false,
    senderName: "",
    senderAddress: "",
    postalAddress: "",
    openTracking: "off",
    valuesKeptDays: 30,
    mailingDetailKeptDays: 730,
    syncDetailKeptDays: 730,
    uploadsKeptDays: 1,
    digestHour: 7,
    suspendedAt: null,
    version: 1,
  };
}

/** Every account of the installation, for the operator. */
export function listAccounts(ctx: Context): Promise<readonly Account[]> {
  return ctx.db.system(selectAccounts);
}

/** @throws InvalidInputError when no such zone is known */
export function checkTimeZone(name: string): void {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
  } catch (cause) {
    const message = `'${name}' is no time zone; write it like Europe/Berlin`;
    throw new InvalidInputError([{ path: "timeZone", message }], { cause });
  }
}
