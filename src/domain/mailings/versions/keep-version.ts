import type { Tx } from "../../../platform/database/database.ts";
import { tallyRemoved } from "../../accounts/removed-between-nights.ts";
import type { AccountContext } from "../../context.ts";
import type { Mailing } from "../mailing.ts";
import {
  deleteVersionsUpTo,
  insertVersion,
  type NewVersion,
  replaceVersion,
  selectSitting,
  updatePublished,
} from "./store.ts";
import { beginsVersion, isWrittenAnew, mostVersions } from "./version.rules.ts";
import type { Sitting } from "./version.ts";

/**
 * Writes a save of a mailing that the caller holds, and keeps its version in the same transaction: a mailing without
 * one first gets that of what stood in it, which is overwritten now. A save of 20 kB takes some 4 ms longer by it.
 * @param write puts `after` into the mailing
 * @param restoredFrom the version that `after` was brought back from: it gets one of its own
 * @returns the latest version before that; what stood before, unless the save belongs to it. Null where nothing changed
 */
export async function keepVersion(
  tx: Tx,
  ctx: AccountContext,
  before: Mailing,
  after: Mailing,
  write: () => Promise<void>,
  restoredFrom?: number,
): Promise<number | null> {
  if (!isWrittenAnew(before, after)) {
    await write();
    return null;
  }
  const sitting = (await selectSitting(tx, ctx.accountId, before.id)) ?? (await keepFirst(tx, ctx, before));
  await write();
  const save = { at: after.updatedAt, by: ctx.actor, byUser: ctx.userId };
  if (restoredFrom === undefined && !beginsVersion(sitting, before, after, save)) {
    await replaceVersion(tx, ctx.accountId, before.id, sitting.number, save.at);
    return sitting.number;
  }
  const kept =
    restoredFrom === undefined ? { keptAs: "edited" as const } : { keptAs: "restored" as const, restoredFrom };
  await begin(tx, ctx, before, { ...save, ...kept, number: sitting.number + 1 });
  return sitting.number;
}

/** What is published now stays as it stands, for this mailing that the caller holds. */
export async function keepPublished(tx: Tx, ctx: AccountContext, mailing: Mailing): Promise<void> {
  const { number } = (await selectSitting(tx, ctx.accountId, mailing.id)) ?? (await keepFirst(tx, ctx, mailing));
  await updatePublished(tx, ctx.accountId, mailing.id, number);
}

/** What stood in a mailing when nothing of it was kept yet. Who saved it is known by name alone. */
async function keepFirst(tx: Tx, ctx: AccountContext, { id, updatedAt, updatedBy }: Mailing): Promise<Sitting> {
  const made = { number: 1, at: updatedAt, by: updatedBy, byUser: null, keptAs: "edited" } as const;
  await insertVersion(tx, ctx.accountId, id, made);
  // As if it had been published: nothing takes its place.
  return { number: 1, beganAt: updatedAt, savedBy: updatedBy, savedByUser: null, keptAs: "published" };
}

async function begin(tx: Tx, ctx: AccountContext, { id }: Mailing, made: NewVersion): Promise<void> {
  await insertVersion(tx, ctx.accountId, id, made);
  const removed = await deleteVersionsUpTo(tx, ctx.accountId, id, made.number - mostVersions);
  await tallyRemoved(tx, ctx.accountId, "versions", removed);
}
