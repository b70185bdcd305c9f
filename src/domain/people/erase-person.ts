import { InvalidInputError, must } from "../../platform/errors.ts";
import { forgetAnswersNaming } from "../accounts/answered-requests.ts";
import { eraseFromAudit } from "../accounts/erase-from-audit.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { forgetCustomerKey } from "../events/forget-customer-key.ts";
import { eraseRecipients } from "../mailings/personal-data/erase-recipients.ts";
import { addressKey } from "../subscribers/address.rules.ts";
import { eraseEntries, findEntries, type PersonEntries } from "../subscribers/erase-entries.ts";
import { erasedName } from "../subscribers/erased.ts";
import { eraseSyncRows } from "../syncs/erase-rows.ts";
import { eraseFiles, findFilesNaming } from "../uploads/erase-files.ts";
import { forgetSubscribers } from "../writebacks/forget-subscribers.ts";
import { countKept, type Kept } from "./kept-store.ts";

/** What an erasure of a person would come to: what goes, and what stays. */
export interface Erasure extends PersonEntries {
  readonly kept: Kept;
  /** Names of files that wait to be imported and name one of the addresses: they go. */
  readonly files: readonly string[];
}

/** What erasing a person would take out, for whoever is about to confirm it. @throws NotFoundError */
export async function previewErasure(ctx: AccountContext, id: number): Promise<Erasure> {
  const { found, kept } = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const found = await findEntries(tx, ctx, id);
    return {
      found,
      kept: await countKept(
        tx,
        ctx.accountId,
        found.entries.map((entry) => entry.id),
      ),
    };
  });
  const files = await findFilesNaming(ctx, textsOf(found));
  return { ...found, kept, files: files.map(({ fileName }) => fileName) };
}

/**
 * Erases one person on their request: every row at their addresses is emptied, everywhere, and a keyed hash stays, so
 * that no sync, file or restored state brings them back into mailings. What has happened stays countable. (product 2.6)
 * @param confirmation the person's address, typed by whoever erases
 * @throws InvalidInputError when the address typed is another
 * @throws ConflictError when a mail to the person is leaving at this moment
 * @throws NotFoundError when the account has no such subscriber, or the person was erased already
 */
export async function erasePerson(ctx: AccountContext, id: number, confirmation: string): Promise<PersonEntries> {
  const seen = await ctx.db.transaction(ctx.accountId, (tx) => findEntries(tx, ctx, id));
  const own = must(
    seen.entries.find((entry) => entry.id === id),
    "a person's rows hold the one asked for",
  );
  if (addressKey(confirmation) !== own.emailKey) {
    const message = "is not the address of this person; type it to confirm";
    throw new InvalidInputError([{ path: "confirm", message }]);
  }
  return eraseFound(ctx, id, seen);
}

/** Erases a person who was found, without asking: for what was confirmed before. @throws as `erasePerson` */
export async function eraseFound(ctx: AccountContext, id: number, seen: PersonEntries): Promise<PersonEntries> {
  const files = await findFilesNaming(ctx, textsOf(seen));
  const erased = await ctx.db.transaction(ctx.accountId, async (tx) => {
    // Mailings first: whoever answers a mail locks the recipient, then the person.
    await eraseRecipients(
      tx,
      ctx,
      seen.entries.map((entry) => entry.id),
    );
    const found = await eraseEntries(tx, ctx, id);
    const ids = found.entries.map((entry) => entry.id);
    await forgetSubscribers(tx, ctx.accountId, ids);
    await eraseSyncRows(tx, ctx, found);
    await eraseFiles(tx, ctx, files);
    await eraseFromAudit(tx, textsOf(found));
    await forgetAnswersNaming(tx, ctx, textsOf(found));
    if (found.remoteId !== null) await forgetCustomerKey(tx, ctx, found.remoteId);
    await recordChange(tx, ctx, "subscriber.erase", erasedName, { ids, files: files.length });
    return found;
  });
  ctx.log.info({ subscribers: erased.entries.length }, "erased a person on request");
  return erased;
}

/** The person's addresses in every form they are kept in. */
const textsOf = ({ entries }: PersonEntries) => [
  ...new Set(entries.flatMap(({ email, emailKey }) => [email, emailKey])),
];
