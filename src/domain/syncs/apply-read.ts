import { crashPoint } from "../../platform/crash-point.ts";
import type { Tx } from "../../platform/database/database.ts";
import { getBridge } from "../bridges/get-bridge.ts";
import type { AccountContext } from "../context.ts";
import { type Counts, distinctValid } from "../target-groups/count-details.rules.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import { updateGroupCounted } from "../target-groups/store.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import {
  carryUnsubscribes,
  closeMemberships,
  insertNew,
  openMemberships,
  replaceRejectedRows,
  type Standings,
  updateChanged,
} from "./apply-store.ts";
import {
  compare,
  countRead,
  type Difference,
  keepDifference,
  lockApply,
  markDuplicates,
  type ReadCounts,
  tieUploads,
} from "./difference-store.ts";
import { guardOf, heldReason } from "./guard.rules.ts";
import { dropStaging } from "./staging-store.ts";
import { updateSyncFindings } from "./store.ts";
import type { Sync } from "./sync.ts";

export type ReadOutcome =
  | {
      readonly outcome: "succeeded";
      readonly read: ReadCounts;
      readonly difference: Difference;
      readonly sendable: number;
    }
  | { readonly outcome: "held"; readonly read: ReadCounts; readonly difference: Difference; readonly reason: string };

export interface ApplyOptions {
  /** An administrator decided so: the guard is not asked again. */
  readonly isDecided: boolean;
  /** Told after each step how many rows are written, and before: throws to stop. */
  readonly onStep: (rowsApplied: number) => Promise<void>;
}

/**
 * Compares a complete read with its group and applies the difference, all in the caller's one transaction: people,
 * members, rejected rows and counts change together or not at all. (product 1.2) A dry run and a held read compare
 * and change nothing.
 */
export async function applyRead(
  tx: Tx,
  ctx: AccountContext,
  sync: Sync & { groupId: GroupId },
  options: ApplyOptions,
): Promise<ReadOutcome> {
  const now = ctx.clock.now();
  const applied = { account: ctx.accountId, group: sync.groupId, sync: sync.id, now };
  await markDuplicates(tx, sync.id);
  const read = await countRead(tx, sync.id);
  await lockApply(tx, ctx.accountId);
  let difference = await compare(tx, ctx.accountId, sync.groupId, sync.id);
  const group = await getTargetGroup(tx, ctx, sync.groupId);
  const before = distinctValid(group.counts);
  const reason = heldReason(
    { before, removed: difference.removed, after: read.distinctValid },
    guardOf((await getBridge(tx, ctx)).settings, group),
  );
  if (reason !== null && !options.isDecided) {
    await keepDifference(tx, sync.id);
    await updateSyncFindings(tx, ctx.accountId, sync, { ...read, ...difference, membersBefore: before });
    return { outcome: "held", read, difference, reason };
  }
  if (sync.isDryRun) {
    await keepDifference(tx, sync.id);
    await updateSyncFindings(tx, ctx.accountId, sync, { ...read, ...difference, membersBefore: before });
    return { outcome: "succeeded", read, difference, sendable: group.counts.sendable };
  }
  if (await tieUploads(tx, ctx.accountId, sync.id, now))
    difference = await compare(tx, ctx.accountId, sync.groupId, sync.id);
  await options.onStep(0);
  if (difference.updated > 0) await updateChanged(tx, applied);
  if (difference.created > 0) await insertNew(tx, applied);
  if (difference.created + difference.added > 0) await carryUnsubscribes(tx, applied);
  await options.onStep(difference.updated + difference.created);
  const gone = difference.removed > 0 ? await closeMemberships(tx, applied) : nobody;
  const come = difference.added > 0 ? await openMemberships(tx, applied) : nobody;
  await replaceRejectedRows(tx, applied);
  await options.onStep(difference.updated + difference.created + difference.added + difference.removed);
  crashPoint("sync.in_apply");
  // The statements above moved the group's own counts where a member's standing changed: read them again.
  const counts = countsAfter((await getTargetGroup(tx, ctx, sync.groupId)).counts, read, gone, come);
  await updateGroupCounted(tx, ctx.accountId, sync.groupId, sync.id, counts, now);
  await updateSyncFindings(tx, ctx.accountId, sync, { ...read, ...difference, membersBefore: before });
  await dropStaging(tx, sync.id);
  return { outcome: "succeeded", read, difference, sendable: counts.sendable };
}

const nobody: Standings = { do_not_email: 0, unsubscribed: 0, bad_email: 0, sendable: 0 };

function countsAfter(before: Counts, read: ReadCounts, gone: Standings, come: Standings): Counts {
  const after = (count: number, standing: keyof Standings) => count - gone[standing] + come[standing];
  return {
    totalRecords: read.total,
    unusable: read.unusable,
    withoutAddress: read.withoutAddress,
    malformedAddress: read.malformedAddress,
    duplicate: read.duplicate,
    doNotEmail: after(before.doNotEmail, "do_not_email"),
    unsubscribed: after(before.unsubscribed, "unsubscribed"),
    badEmail: after(before.badEmail, "bad_email"),
    sendable: after(before.sendable, "sendable"),
  };
}
