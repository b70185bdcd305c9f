import { ConflictError, InvalidInputError, NotFoundError } from "../../../platform/errors.ts";
import { newId } from "../../../platform/ids.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import { checkDomain, findDomain } from "./check-domain.ts";
import { domainNameOf } from "./domain-name.rules.ts";
import { makeKey } from "./make-key.ts";
import type { SendingDomain, SendingDomainId } from "./sending-domain.ts";
import { deleteDomain, insertDomain, promoteNextKey, selectDomains, updateNextKey } from "./store.ts";

/** All of them: an account has a handful. */
export function listDomains(ctx: AccountContext): Promise<readonly SendingDomain[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectDomains(tx, ctx.accountId));
}

/**
 * Adds a domain with a key of its own, and looks into DNS for what is missing there.
 * @throws InvalidInputError when the text is no domain
 * @throws ConflictError when the account has it already
 */
export async function addDomain(ctx: AccountContext, text: string): Promise<SendingDomain> {
  const name = domainNameOf(text);
  if (name === null)
    throw new InvalidInputError([{ path: "name", message: "is no domain; write it like example.org" }]);
  const key = await makeKey(ctx);
  const id = newId<SendingDomainId>();
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const domain = { id, name, createdAt: ctx.clock.now(), createdBy: ctx.actor };
    if (!(await insertDomain(tx, ctx.accountId, domain, key)))
      throw new ConflictError("sending_domain_exists", `${name} is one of your sending domains already.`);
    await recordChange(tx, ctx, "sending_domain.add", name, { selector: key.selector });
  });
  return checkDomain(ctx, id);
}

/** Mails from its addresses go unsigned from now on. @throws NotFoundError */
export async function removeDomain(ctx: AccountContext, id: SendingDomainId): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const name = await deleteDomain(tx, ctx.accountId, id);
    if (name === undefined) throw new NotFoundError("sending domain", id);
    await recordChange(tx, ctx, "sending_domain.remove", name);
  });
}

/**
 * Makes a second key that waits until its record stands in DNS; the first goes on signing. Asked again, the one that
 * waits makes room for another.
 * @throws NotFoundError
 */
export async function prepareKey(ctx: AccountContext, id: SendingDomainId): Promise<SendingDomain> {
  const { name } = await findDomain(ctx, id);
  const key = await makeKey(ctx);
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    await updateNextKey(tx, ctx.accountId, id, key);
    await recordChange(tx, ctx, "sending_domain.prepare_key", name, { selector: key.selector });
  });
  return checkDomain(ctx, id);
}

/** Lets the key that waits go. @throws NotFoundError */
export async function discardKey(ctx: AccountContext, id: SendingDomainId): Promise<SendingDomain> {
  const { name } = await findDomain(ctx, id);
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    await updateNextKey(tx, ctx.accountId, id, null);
    await recordChange(tx, ctx, "sending_domain.discard_key", name);
  });
  return checkDomain(ctx, id);
}

/**
 * Lets the key that waits sign from now on, once receivers find it. The old record should stay for a week: mails on
 * their way were signed with it.
 * @throws NotFoundError
 * @throws ConflictError when no key waits, or DNS doesn't have it yet
 */
export async function replaceKey(ctx: AccountContext, id: SendingDomainId): Promise<SendingDomain> {
  const { name, key, nextKey, findings } = await checkDomain(ctx, id);
  if (!nextKey)
    throw new ConflictError("no_next_key", "No new key waits to be used.", "Make one first, and publish its record.");
  const found = findings.find(({ kind }) => kind === "next_dkim");
  if (found?.status !== "ok")
    throw new ConflictError(
      "key_not_published",
      `DNS doesn't have the new key yet: ${found?.message ?? "it was not looked for."}`,
      "Publish its record, wait until name servers know it, and try again.",
    );
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await promoteNextKey(tx, ctx.accountId, id, nextKey.selector)))
      throw new ConflictError("edited_meanwhile", "Somebody else changed the keys meanwhile.", "Look again.");
    await recordChange(tx, ctx, "sending_domain.replace_key", name, { from: key.selector, to: nextKey.selector });
  });
  return checkDomain(ctx, id);
}
