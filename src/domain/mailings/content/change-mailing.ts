import type { Tx } from "../../../platform/database/database.ts";
import { ConflictError, InvalidInputError, NotFoundError } from "../../../platform/errors.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { CategoryId } from "../../bridges/opt-out-category.ts";
import { selectCategory } from "../../bridges/opt-out-store.ts";
import type { AccountContext } from "../../context.ts";
import { addressKey } from "../../subscribers/address.rules.ts";
import { selectGroups } from "../../target-groups/store.ts";
import type { Audience, Mailing, MailingId } from "../mailing.ts";
import { refuseArchived } from "../refuse-archived.ts";
import { keepVersion } from "../versions/keep-version.ts";
import type { MailingContent } from "../versions/version.ts";
import { readBlocks } from "./blocks.ts";
import { getMailing } from "./get-mailing.ts";
import {
  countInstances,
  deleteMailingRow,
  lockMailing,
  replaceAudience,
  updateMailing,
  updateMailingArchived,
} from "./mailing-store.ts";

/** What an editor sends: what is left out stays. */
export type MailingChange = { readonly [Name in keyof MailingContent]?: MailingContent[Name] | undefined } & {
  readonly name?: string | undefined;
  readonly audience?: Audience | undefined;
  readonly optOutCategoryId?: CategoryId | null | undefined;
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
};

/**
 * Changes what is written. A mailing that was published may be changed too: its instances keep what they were
 * published with. What stood before is kept as a version.
 * @throws ConflictError when somebody else changed it meanwhile, or it is archived
 * @throws InvalidInputError when an address is none, or the body is no document of blocks
 */
export function changeMailing(ctx: AccountContext, id: MailingId, change: MailingChange): Promise<Mailing> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const before = await getMailingToChange(tx, ctx, id, change.version);
    refuseArchived(before);
    const { version, audience, ...said } = change;
    const values = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
    const after: Mailing = { ...before, ...values, updatedAt: ctx.clock.now(), updatedBy: ctx.actor };
    checkContent(after, change);
    if (after.optOutCategoryId !== before.optOutCategoryId) await checkCategory(tx, ctx, after.optOutCategoryId);
    await keepVersion(tx, ctx, before, after, () => updateMailing(tx, ctx.accountId, after));
    if (audience) await changeAudience(tx, ctx, before, audience);
    // Autosave comes every few seconds: the log says what was changed, the mailing itself says what it is now.
    await recordChange(tx, ctx, "mailing.change", after.name, { id, changed: Object.keys(change).sort() });
    return getMailing(tx, ctx, id);
  });
}

/** Puts it out of sight, or back. */
export function archiveMailing(ctx: AccountContext, id: MailingId, isArchived: boolean): Promise<Mailing> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const mailing = await getMailingToChange(tx, ctx, id);
    if ((mailing.archivedAt !== null) === isArchived) return mailing;
    if (isArchived && ["scheduled", "in_progress", "on_hold"].includes(mailing.state)) {
      throw new ConflictError(
        "mailing_in_use",
        `'${mailing.name}' is being published.`,
        "Wait until it is sent, or cancel it first.",
      );
    }
    await updateMailingArchived(tx, ctx.accountId, id, isArchived ? ctx.clock.now() : null);
    await recordChange(tx, ctx, isArchived ? "mailing.archive" : "mailing.unarchive", mailing.name, { id });
    return getMailing(tx, ctx, id);
  });
}

/** Deletes a draft or a template. @throws ConflictError when it was published: its report would have no mailing */
export function deleteMailing(ctx: AccountContext, id: MailingId): Promise<void> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const mailing = await getMailingToChange(tx, ctx, id);
    if ((await countInstances(tx, ctx.accountId, id)) > 0) {
      throw new ConflictError(
        "mailing_published",
        `'${mailing.name}' was published: its reports belong to it.`,
        "Archive it to have it out of sight.",
      );
    }
    await deleteMailingRow(tx, ctx.accountId, id);
    await recordChange(tx, ctx, "mailing.delete", mailing.name, { id, subject: mailing.subject });
  });
}

/** The mailing, held for change. @throws ConflictError when it has another version by now */
export async function getMailingToChange(
  tx: Tx,
  ctx: AccountContext,
  id: MailingId,
  version?: number | undefined,
): Promise<Mailing> {
  const mailing = await lockMailing(tx, ctx.accountId, id);
  if (!mailing) throw new NotFoundError("mailing", id);
  if (version !== undefined && version !== mailing.version) {
    throw new ConflictError(
      "edited_meanwhile",
      `Somebody else changed '${mailing.name}' while you were editing it: ${mailing.updatedBy}, ${mailing.updatedAt.toString({ smallestUnit: "second" })}.`,
      "Load it again and repeat your change.",
    );
  }
  return mailing;
}

/** What can't even be kept. What only keeps a mailing from being published is said by its checks. */
export function checkContent(after: Mailing, change: MailingChange): void {
  for (const path of ["fromAddress", "replyTo"] as const) {
    const address = change[path];
    if (address && addressKey(address) === null)
      throw new InvalidInputError([{ path, message: `'${address}' is no e-mail address` }]);
  }
  if (after.bodyKind === "blocks" && (change.body !== undefined || change.bodyKind !== undefined))
    readBlocks(after.body);
}

/** @throws NotFoundError for one that there isn't */
async function checkCategory(tx: Tx, ctx: AccountContext, id: CategoryId | null): Promise<void> {
  if (id !== null && !(await selectCategory(tx, ctx.accountId, id))) throw new NotFoundError("opt-out category", id);
}

/** @throws NotFoundError for a group that is not there @throws InvalidInputError for one that is on both sides */
async function changeAudience(tx: Tx, ctx: AccountContext, before: Mailing, audience: Audience): Promise<void> {
  const ids = [...audience.to, ...audience.notTo];
  const groups = await selectGroups(tx, ctx.accountId, ids);
  // A group that was deleted after it was chosen may stay, so that the rest can be saved: the checks point at it.
  const had = new Set([...before.audience.to, ...before.audience.notTo]);
  const missing = ids.find((id) => !groups.has(id) || (groups.get(id)?.deletedAt !== null && !had.has(id)));
  if (missing !== undefined) throw new NotFoundError("target group", missing);
  const both = audience.to.find((id) => audience.notTo.includes(id));
  if (both !== undefined) {
    const message = `has '${groups.get(both)?.name}' among the groups not to send to as well; take it off one of the lists`;
    throw new InvalidInputError([{ path: "audience.to", message }]);
  }
  await replaceAudience(tx, ctx.accountId, before.id, audience);
}
