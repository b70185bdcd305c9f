import { crashPoint } from "../../platform/crash-point.ts";
import type { Tx } from "../../platform/database/database.ts";
import { selectKeptFields } from "../bridges/field-store.ts";
import { getBridge } from "../bridges/get-bridge.ts";
import type { AccountContext } from "../context.ts";
import { selectApplyTurn, takeApplyTurn } from "../subscribers/apply-turn.ts";
import { settleWithAms } from "../subscribers/settle-with-ams.ts";
import { distinctValid } from "../target-groups/count-details.rules.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import { type CountsOfRead, updateGroupCounted } from "../target-groups/store.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import {
  type Applied,
  closeMemberships,
  insertNew,
  openMemberships,
  replaceRejectedRows,
  type Standings,
  updateChanged,
} from "./apply-store.ts";
import {
  compare,
  compareAgain,
  countRead,
  type Difference,
  forgetDifference,
  keepDifference,
  markDuplicates,
  prepareComparison,
  type ReadCounts,
  type SpecialPeople,
  selectSpecialPeople,
  tieUploads,
} from "./difference-store.ts";
import { guardOf, heldReason } from "./guard.rules.ts";
import { judgeFlags } from "./judge-flags.ts";
import { updateSyncFindings } from "./run-store.ts";
import { setErasedAside } from "./set-erased-aside.ts";
import { dropStaged, keepStaged, type Staged } from "./staging-store.ts";
import {
  markFormer,
  selectKeysToSettle,
  spreadBadEmails,
  spreadFlags,
  spreadUnsubscribes,
} from "./standing-of-read-store.ts";
import { bridgeOf, type Sync } from "./sync.ts";
import { insertSyncValues } from "./value-store.ts";

export type ReadOutcome =
  | {
      readonly outcome: "succeeded";
      readonly difference: Difference;
      readonly sendable: number;
    }
  | { readonly outcome: "held"; readonly difference: Difference; readonly reason: string };

export interface ApplyOptions {
  /** An administrator decided so: the guard is not asked again. */
  readonly isDecided: boolean;
  /** Told after each step how many rows are written, and before: throws to stop. */
  readonly onStep: (rowsApplied: number) => Promise<void>;
}

type GroupSync = Sync & { readonly groupId: GroupId };

/**
 * Compares a complete read with its group and applies the difference, all in the caller's one transaction: people,
 * members, rejected rows and counts change together or not at all. (product 1.2) A dry run and a held read compare
 * and change nothing. Other reads of the account wait only while this one writes, not while it compares.
 */
export async function applyRead(
  tx: Tx,
  ctx: AccountContext,
  sync: GroupSync,
  staged: Staged,
  options: ApplyOptions,
): Promise<ReadOutcome> {
  await prepareComparison(tx, staged);
  const turn = await selectApplyTurn(tx, ctx.accountId);
  await setErasedAside(tx, ctx, staged, { byKey: true });
  await markDuplicates(tx, staged);
  const read = await countRead(tx, staged);
  const difference = await compare(tx, ctx.accountId, sync.groupId, staged);
  const group = await getTargetGroup(tx, ctx, sync.groupId);
  const before = distinctValid(group.counts);
  const guard = guardOf((await getBridge(tx, ctx)).settings, group);
  const reason = heldReason({ before, removed: difference.removed, after: read.distinctValid }, guard);
  if ((reason !== null && !options.isDecided) || sync.isDryRun) {
    await keepStaged(tx, sync.id, staged);
    await keepDifference(tx, sync.id);
    await updateSyncFindings(tx, ctx.accountId, sync, { ...read, ...difference, membersBefore: before });
    if (reason !== null && !options.isDecided) return { outcome: "held", difference, reason };
    return { outcome: "succeeded", difference, sendable: group.counts.sendable };
  }
  const isOutOfDate = (await takeApplyTurn(tx, ctx.accountId)) !== turn + 1;
  const current = isOutOfDate ? await lookAgain(tx, ctx, sync, staged, read, turn) : { read, difference };
  const written = await write(tx, ctx, sync, staged, current.read, current.difference, options);
  await updateSyncFindings(tx, ctx.accountId, sync, { ...current.read, ...written.difference, membersBefore: before });
  await dropStaged(tx, sync.id, staged);
  return { outcome: "succeeded", ...written };
}

/** What others did since the comparison: who came by another group, and who was erased. */
async function lookAgain(
  tx: Tx,
  ctx: AccountContext,
  sync: GroupSync,
  staged: Staged,
  read: ReadCounts,
  since: number,
): Promise<{ readonly read: ReadCounts; readonly difference: Difference }> {
  if ((await setErasedAside(tx, ctx, staged, { byKey: true, since })) === 0)
    return { read, difference: await compareAgain(tx, ctx.accountId, staged) };
  await forgetDifference(tx);
  return {
    read: await countRead(tx, staged),
    difference: await compare(tx, ctx.accountId, sync.groupId, staged),
  };
}

/** Writes the difference. The caller has the account's apply turn. */
async function write(
  tx: Tx,
  ctx: AccountContext,
  sync: GroupSync,
  staged: Staged,
  read: ReadCounts,
  compared: Difference,
  { onStep }: ApplyOptions,
): Promise<{ readonly difference: Difference; readonly sendable: number }> {
  const now = ctx.clock.now();
  const kept = await selectKeptFields(tx, ctx.accountId, bridgeOf(sync));
  const dropped = (sync.fields ?? []).filter((field) => !kept.includes(field));
  const applied = {
    account: ctx.accountId,
    group: sync.groupId,
    sync: sync.id,
    staged,
    dropped,
    now,
    readFrom: sync.startedAt ?? now,
  };
  let difference = compared;
  let special = await selectSpecialPeople(tx, ctx.accountId);
  if (special.hasUploaded && (await tieUploads(tx, ctx.accountId, staged, now))) {
    await forgetDifference(tx);
    difference = await compare(tx, ctx.accountId, sync.groupId, staged);
    special = { ...special, hasFormer: true };
  }
  const { updated, created, added, removed } = difference;
  await onStep(0);
  await writePeople(tx, ctx, applied, difference, special);
  await onStep(updated + created);
  const gone = removed > 0 ? await closeMemberships(tx, applied) : nobody;
  const come = added > 0 ? await openMemberships(tx, applied) : nobody;
  await replaceRejectedRows(tx, applied);
  if (sync.extraFields.length > 0) await insertSyncValues(tx, ctx.accountId, sync.id, staged);
  await onStep(updated + created + added + removed);
  crashPoint("sync.in_apply");
  const sendable = await updateGroupCounted(tx, ctx.accountId, sync.groupId, sync.id, countsOf(read, gone, come), now);
  return { difference, sendable };
}

/**
 * Writes who is new or changed, and how they stand with it: whose the flags are that the read brought, who shares an
 * address or a key with somebody who said no, and what the AMS is owed of all that. What an account hasn't got costs
 * nothing. (`standing.rules.ts`)
 */
async function writePeople(
  tx: Tx,
  ctx: AccountContext,
  applied: Applied,
  { updated, created, added }: Difference,
  special: SpecialPeople,
): Promise<void> {
  const isWritten = updated + created > 0;
  const isMoved = isWritten && (special.hasFormer || (special.hasRemote && created > 0));
  const hasFormer = (isMoved && (await markFormer(tx, applied))) || special.hasFormer;
  const isJudged = isWritten && (hasFormer || special.hasWritebacks);
  const undone = isJudged ? await judgeFlags(tx, ctx.accountId, applied) : new Set<string>();
  if (updated > 0) await updateChanged(tx, applied);
  if (created > 0) await insertNew(tx, applied);
  if (isWritten && hasFormer) await spreadFlags(tx, applied);
  const carried = special.hasUnsubscribed && (isWritten || added > 0) ? await spreadUnsubscribes(tx, applied) : [];
  if (special.hasBadEmail && created > 0) await spreadBadEmails(tx, applied);
  if (!isWritten || !(special.hasUnsubscribed || special.hasBadEmail || special.hasWritebacks)) return;
  await settleWithAms(tx, ctx, [...new Set([...carried, ...(await selectKeysToSettle(tx, applied))])], { undone });
}

const nobody: Standings = { do_not_email: 0, unsubscribed: 0, bad_email: 0, sendable: 0 };

function countsOf(read: ReadCounts, gone: Standings, come: Standings): CountsOfRead {
  const move = (standing: keyof Standings) => come[standing] - gone[standing];
  return {
    totalRecords: read.total,
    unusable: read.unusable,
    withoutAddress: read.withoutAddress,
    malformedAddress: read.malformedAddress,
    duplicate: read.duplicate,
    moved: {
      doNotEmail: move("do_not_email"),
      unsubscribed: move("unsubscribed"),
      badEmail: move("bad_email"),
      sendable: move("sendable"),
    },
  };
}
