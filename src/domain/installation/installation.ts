import { ConflictError } from "../../platform/errors.ts";
import { listAccounts } from "../accounts/create-account.ts";
import { recordChange } from "../accounts/record-change.ts";
import { type Context, inAccount } from "../context.ts";
import { erasuresUnknown, isGap, whyPause } from "./fence.rules.ts";
import {
  lockInstallation,
  selectInstallation,
  selectPlace,
  updateErasuresKnown,
  updatePaused,
  updateSeen,
} from "./store.ts";

/** This installation: one database at work in one place. (product 6.3) */
export interface Installation {
  readonly id: string;
  readonly place: string;
  /** When a worker was last seen on it. */
  readonly seenAt: Temporal.Instant;
  /** Sending and writebacks wait since then for somebody's word. */
  readonly pausedAt: Temporal.Instant | null;
  readonly pausedReason: string | null;
  /** It was restored from a state of then, and whom the original erased since is not known; null: nothing is missing. */
  readonly erasuresUnknownSince: Temporal.Instant | null;
}

/** The installation, or null where no worker ever ran. */
export async function findInstallation(ctx: Context): Promise<Installation | null> {
  return (await ctx.db.system(selectInstallation)) ?? null;
}

/**
 * A worker says that it is here, at its start and every minute. In another place than the last one, or after more than
 * a day, sending and writebacks are paused before anything leaves. (product 6.3)
 * @param folder what `describeFolder` says of an embedded database, else empty
 */
export async function noteWorker(ctx: Context, folder: string): Promise<void> {
  const now = ctx.clock.now();
  const paused = await ctx.db.system(async (tx) => {
    const place = [await selectPlace(tx), folder].filter((part) => part !== "").join("/");
    const last = await lockInstallation(tx, place, now);
    const reason = whyPause(last, place, now);
    await updateSeen(tx, place, now);
    if (reason === null || last.pausedAt !== null) return null;
    await updatePaused(tx, reason, now);
    return reason;
  });
  if (paused !== null)
    ctx.log.warn({ reason: paused }, "sending and writebacks are paused; go on with: lockstep resume");
}

/**
 * Whether mailings and writebacks may leave: nothing is paused, and nobody slept for a day. Asked before each piece of
 * such work; what doesn't leave is found again by the sweeps when it may. (product 6.3)
 */
export async function mayGoOut(ctx: Context): Promise<boolean> {
  const found = await ctx.db.system(selectInstallation);
  return found === undefined || (found.pausedAt === null && !isGap(found.seenAt, ctx.clock.now()));
}

/**
 * Somebody says that this is the installation that sends. It stands in the audit log of every account.
 * @param isNobodyErased the same person says that nobody was erased since the restored state, or that they are again
 * @returns false when nothing was paused
 * @throws ConflictError when a restored state may have brought back people who were erased, and nobody said otherwise
 */
export async function resumeInstallation(ctx: Context, actor: string, isNobodyErased = false): Promise<boolean> {
  const accounts = await listAccounts(ctx);
  const now = ctx.clock.now();
  return ctx.db.system(async (tx) => {
    const found = await selectInstallation(tx);
    if (!found || found.pausedAt === null) return false;
    const { erasuresUnknownSince: since } = found;
    if (since !== null && !isNobodyErased) throw new ConflictError("erasures_unknown", erasuresUnknown(since), wayOut);
    await updatePaused(tx, null, now);
    for (const { id, name } of accounts)
      await recordChange(tx, inAccount(ctx, id, actor), "installation.resume", name, {
        reason: found.pausedReason,
        ...(since === null ? {} : { nobodyErasedSince: since.toString() }),
      });
    return true;
  });
}

const wayOut =
  "Erase them again: lockstep person erase-again --from FILE (what 'lockstep person erasures' printed of the state that was replaced), or --of its data folder or database. If nobody was erased since: lockstep resume --nobody-erased.";

/**
 * Whom the original of a restored state had erased until an instant is known here, and they are erased again.
 * @returns since when it is not known, if the instant is before the restored state
 */
export function noteErasuresKnown(ctx: Context, until: string): Promise<Temporal.Instant | null> {
  return ctx.db.system((tx) => updateErasuresKnown(tx, until));
}
