import { ConflictError, InvalidInputError, must, NotFoundError } from "../../platform/errors.ts";
import { type AccountContext, type Context, inAccount } from "../context.ts";
import type { Account, AccountId } from "./account.ts";
import { checkTimeZone } from "./create-account.ts";
import { recordChange } from "./record-change.ts";
import {
  type AccountValues,
  type AuditEntry,
  type AuditFilter,
  selectAccount,
  selectAuditEntries,
  updateAccount,
  updateAccountSuspended,
} from "./store.ts";

export async function getAccount(ctx: AccountContext): Promise<Account> {
  const account = await ctx.db.transaction(ctx.accountId, (tx) => selectAccount(tx, ctx.accountId));
  return must(account, "whoever is in an account finds it");
}

/** What an editor sends: what is left out stays. */
export type AccountChange = { readonly [Name in keyof AccountValues]?: AccountValues[Name] | undefined } & {
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
};

/**
 * Changes the account's settings.
 * @throws InvalidInputError naming each field that is wrong
 * @throws ConflictError when somebody else changed them since the editor looked
 */
export async function changeAccount(ctx: AccountContext, change: AccountChange): Promise<Account> {
  const before = await getAccount(ctx);
  const timeZone = change.timeZone ?? before.timeZone;
  const locale = canonicalLocale(change.locale ?? before.locale);
  checkTimeZone(timeZone);
  const name = change.name ?? before.name;
  const detail = {
    timeZone,
    locale,
    requiresSecondFactor: change.requiresSecondFactor ?? before.requiresSecondFactor,
    senderName: change.senderName ?? before.senderName,
    senderAddress: change.senderAddress ?? before.senderAddress,
    postalAddress: change.postalAddress?.trim() ?? before.postalAddress,
    openTracking: change.openTracking ?? before.openTracking,
    valuesKeptDays: change.valuesKeptDays ?? before.valuesKeptDays,
    // Null says "for ever".
    mailingDetailKeptDays:
      change.mailingDetailKeptDays === undefined ? before.mailingDetailKeptDays : change.mailingDetailKeptDays,
    syncDetailKeptDays: change.syncDetailKeptDays === undefined ? before.syncDetailKeptDays : change.syncDetailKeptDays,
    uploadsKeptDays: change.uploadsKeptDays ?? before.uploadsKeptDays,
    digestHour: change.digestHour ?? before.digestHour,
  };
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await updateAccount(tx, ctx.accountId, change.version ?? before.version, { name, ...detail }))) {
      throw new ConflictError(
        "edited_meanwhile",
        "Somebody else changed the account's settings while you were editing them.",
        "Load them again and repeat your change.",
      );
    }
    await recordChange(tx, ctx, "account.change", name, detail);
  });
  return getAccount(ctx);
}

function canonicalLocale(text: string): string {
  try {
    return must(Intl.getCanonicalLocales(text)[0], "one locale is given");
  } catch (cause) {
    const message = `'${text}' is no language tag; write it like en-GB or de`;
    throw new InvalidInputError([{ path: "locale", message }], { cause });
  }
}

/** The operator suspends an account, or lets it go on: nobody of it signs in, no key works, no night comes. */
export async function suspendAccount(
  ctx: Context,
  id: AccountId,
  isSuspended: boolean,
  actor: string,
): Promise<Account> {
  return ctx.db.system(async (tx) => {
    const account = await selectAccount(tx, id);
    if (!account) throw new NotFoundError("account", id);
    if ((account.suspendedAt !== null) === isSuspended) return account;
    const suspendedAt = isSuspended ? ctx.clock.now() : null;
    await updateAccountSuspended(tx, id, suspendedAt);
    await recordChange(tx, inAccount(ctx, id, actor), isSuspended ? "account.suspend" : "account.resume", account.name);
    return { ...account, suspendedAt };
  });
}

/** Who changed what, the latest first. */
export function listAuditEntries(ctx: AccountContext, filter: AuditFilter): Promise<readonly AuditEntry[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectAuditEntries(tx, ctx.accountId, filter));
}
