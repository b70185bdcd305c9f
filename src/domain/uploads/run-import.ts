import { crashPoint } from "../../platform/crash-point.ts";
import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, describeError, must, ProductError } from "../../platform/errors.ts";
import type { JobRun } from "../../platform/jobs.ts";
import type { AccountContext } from "../context.ts";
import { selectApplyTurn, takeApplyTurn } from "../subscribers/apply-turn.ts";
import { closeMemberships, openMemberships, replaceRejectedRows, type Standings } from "../syncs/apply-store.ts";
import {
  countRead,
  markDuplicates,
  prepareComparison,
  type ReadCounts,
  refreshStatistics,
} from "../syncs/difference-store.ts";
import { endSync } from "../syncs/end-sync.ts";
import { copyLine, fieldPrefixes, stageRow } from "../syncs/row.rules.ts";
import {
  endSubscriberSync,
  endSyncCancelled,
  endSyncFailed,
  releaseSync,
  SyncLostError,
  updateSyncFindings,
  updateSyncState,
} from "../syncs/run-store.ts";
import { setErasedAside } from "../syncs/set-erased-aside.ts";
import { createStaging, dropStaging, stageRows, stagingTable } from "../syncs/staging-store.ts";
import { selectSync } from "../syncs/store.ts";
import type { Sync, SyncFailure, SyncId } from "../syncs/sync.ts";
import { watchRun } from "../syncs/watch-run.ts";
import { distinctValid } from "../target-groups/count-details.rules.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import { updateGroupCounted, updateGroupError } from "../target-groups/store.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { compareImport, insertUploaded, selectStalls, takeImport, updateUploaded } from "./import-store.ts";
import { readTable } from "./read-table.ts";
import { readPieces } from "./receive-upload.ts";
import { deletePieces, selectUploadOfSync } from "./store.ts";
import type { Reading, Upload } from "./upload.ts";

const rowsPerCopy = 5000;
/** How often a file's process may die before the file is taken for the reason. */
const mostStalls = 3;
/** Imports that this process runs now. */
const own = new Set<SyncId>();

/**
 * Imports a file into its static group: every row is staged, then the group becomes what the file says, in one
 * transaction. A file without a usable address changes nothing. (product 3.3) Safe to call as often as one likes.
 */
export async function runImport(ctx: AccountContext, syncId: SyncId, run: JobRun): Promise<void> {
  // Before anything is awaited: a sister job of this process would take it for one that ended without a word.
  if (own.has(syncId)) return;
  own.add(syncId);
  try {
    const taken = await take(ctx, syncId, run.processId);
    if (taken) await runTaken(ctx, taken, run);
  } finally {
    own.delete(syncId);
  }
}

async function runTaken(ctx: AccountContext, { sync, upload }: Taken, run: JobRun): Promise<void> {
  const watch = watchRun(ctx, sync, run.signal);
  try {
    if (sync.cancelRequestedBy) return await cancel(ctx, sync, upload);
    await stage(ctx, sync, upload, watch.signal);
    await apply(ctx, sync, upload, watch.signal);
  } catch (error) {
    if (error instanceof SyncLostError || watch.standing() === "lost") {
      ctx.log.warn({ sync: sync.id, reason: describeError(error) }, "left an import to the process that took it over");
    } else if (watch.standing() === "cancelled") await cancel(ctx, sync, upload);
    else if (run.signal.aborted) await ctx.db.transaction(ctx.accountId, (tx) => releaseSync(tx, ctx.accountId, sync));
    else await fail(ctx, sync, upload, toFailure(error));
  } finally {
    watch.stop();
  }
}

type GroupSync = Sync & { readonly groupId: GroupId };
type ReadUpload = Upload & { readonly reading: Reading };

interface Taken {
  readonly sync: GroupSync;
  readonly upload: ReadUpload;
}

async function take(ctx: AccountContext, id: SyncId, processId: string): Promise<Taken | undefined> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await takeImport(tx, ctx.accountId, id, processId, ctx.clock.now()))) return undefined;
    const sync = must(await selectSync(tx, ctx.accountId, id), "a sync just taken is there");
    const upload = must(await selectUploadOfSync(tx, ctx.accountId, id), "an import has its file");
    const own = { ...sync, groupId: must(sync.groupId, "an import has a group") };
    const read = { ...upload, reading: must(upload.reading, "an import was told how to read") };
    if ((await selectStalls(tx, ctx.accountId, id)) >= mostStalls) {
      const message = `The process that read it ended ${mostStalls} times. Show this to your operator: the log says how it ended.`;
      await endFailed(tx, ctx, own, read, { kind: "internal", message, detail: undefined });
      return undefined;
    }
    await dropStaging(tx, id);
    await createStaging(tx, id);
    return { sync: own, upload: read };
  });
}

/** Every row of the file into staging, judged as a row of the AMS is, with its line in the place of a remote ID. */
async function stage(ctx: AccountContext, sync: GroupSync, upload: ReadUpload, signal: AbortSignal): Promise<void> {
  const { columns, hasHeader, ...dialect } = upload.reading;
  const fields = Object.entries(columns.fields);
  const prefixes = fieldPrefixes(fields.map(([name]) => name as never));
  let [rowsRead, text, pending, isFirst] = [0, "", 0, hasHeader];
  const flush = async () => {
    const lines = [Buffer.from(text)];
    [text, pending] = ["", 0];
    await stageRows(ctx.db, ctx.accountId, sync, lines, { cursor: String(rowsRead), rowsRead }, ctx.clock.now());
    crashPoint("upload.after_stage");
  };
  for await (const { line, cells } of readTable(readPieces(ctx, upload.id), dialect)) {
    signal.throwIfAborted();
    if (isFirst) {
      isFirst = false;
      continue;
    }
    const values = fields.map(([, at]) => cells[at]?.trim() ?? null);
    const row = { remoteId: String(line), email: cells[columns.email] ?? "", doNotEmail: false, values };
    text += copyLine(rowsRead, stageRow(row, prefixes, ""));
    rowsRead += 1;
    pending += 1;
    if (pending >= rowsPerCopy || text.length >= 4 * 1024 ** 2) await flush();
  }
  if (pending > 0) await flush();
}

async function apply(ctx: AccountContext, sync: GroupSync, upload: ReadUpload, signal: AbortSignal): Promise<void> {
  await ctx.db.transaction(ctx.accountId, (tx) =>
    updateSyncState(tx, ctx.accountId, sync, "applying", ctx.clock.now()),
  );
  const written = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const staged = stagingTable(sync.id);
    await prepareComparison(tx, staged);
    const turn = await selectApplyTurn(tx, ctx.accountId);
    await setErasedAside(tx, ctx, staged, { byKey: false });
    await markDuplicates(tx, staged);
    const seen = await countRead(tx, staged);
    if (seen.distinctValid === 0) throw nobodyUsable(seen);
    const isAlone = (await takeApplyTurn(tx, ctx.accountId)) === turn + 1;
    const isSame = isAlone || (await setErasedAside(tx, ctx, staged, { byKey: false, since: turn })) === 0;
    const read = isSame ? seen : await countRead(tx, staged);
    const change = await write(tx, ctx, sync, upload, read);
    signal.throwIfAborted();
    await dropStaging(tx, sync.id);
    await deletePieces(tx, ctx.accountId, upload.id);
    crashPoint("upload.before_commit");
    return change;
  });
  await ctx.db.transaction(ctx.accountId, (tx) => refreshStatistics(tx, written));
}

/** @returns how many memberships were written */
async function write(
  tx: Tx,
  ctx: AccountContext,
  sync: GroupSync,
  { reading }: ReadUpload,
  read: ReadCounts,
): Promise<number> {
  const now = ctx.clock.now();
  const isReplacing = reading.mode === "replace";
  const base = { account: ctx.accountId, group: sync.groupId, staged: stagingTable(sync.id) };
  const group = await getTargetGroup(tx, ctx, sync.groupId);
  const before = distinctValid(group.counts);
  const difference = await compareImport(tx, { ...base, isReplacing });
  await updateUploaded(tx, { ...base, isReplacing }, now);
  await insertUploaded(tx, { ...base, isReplacing }, now);
  const applied = { ...base, sync: sync.id, dropped: [], now, readFrom: now };
  const gone = await closeMemberships(tx, applied);
  const come = await openMemberships(tx, applied);
  await replaceRejectedRows(tx, applied);
  const move = (standing: keyof Standings) => come[standing] - gone[standing];
  // Members whom the file doesn't have, and who stay, are records of earlier files.
  const kept = isReplacing ? 0 : before - difference.stayed;
  const sendable = await updateGroupCounted(
    tx,
    ctx.accountId,
    sync.groupId,
    sync.id,
    {
      totalRecords: read.total + kept,
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
    },
    now,
  );
  const { added, removed, updated } = difference;
  await updateSyncFindings(tx, ctx.accountId, sync, { ...read, ...difference, membersBefore: before });
  await endSubscriberSync(tx, ctx.accountId, sync, { sendable, decidedBy: null }, now);
  await endSync(tx, ctx, sync, `Done: +${added} −${removed} ~${updated}`, "no_call");
  return added + removed;
}

function nobodyUsable({ total, withoutAddress, malformedAddress, unusable }: ReadCounts): ConflictError {
  return new ConflictError(
    "nobody_usable",
    total === 0
      ? "The file has no rows."
      : `None of the ${total} rows has a usable address: ${withoutAddress} have none in the column that was chosen, ${malformedAddress} have something else there${unusable === 0 ? "" : `, ${unusable} are people who were erased on request`}. Nothing was changed.`,
    "Choose another column, encoding or delimiter, and import it again.",
  );
}

function toFailure(error: unknown): SyncFailure {
  if (error instanceof ProductError)
    return { kind: "refused", message: `${error.message} ${error.wayOut}`.trim(), detail: undefined };
  return {
    kind: "internal",
    message:
      "Something went wrong inside Lockstep; the group is what it was. Try again, or show this to your operator.",
    detail: describeError(error),
  };
}

async function endFailed(
  tx: Tx,
  ctx: AccountContext,
  sync: GroupSync,
  upload: Upload,
  failure: SyncFailure,
): Promise<void> {
  await endSyncFailed(tx, ctx.accountId, sync, failure, ctx.clock.now());
  const group = await getTargetGroup(tx, ctx, sync.groupId);
  if (group.countedAt !== null) await updateGroupError(tx, ctx.accountId, sync.groupId);
  await dropStaging(tx, sync.id);
  await deletePieces(tx, ctx.accountId, upload.id);
  await endSync(tx, ctx, sync, `Failed: ${failure.message}`, "no_call");
}

const fail = (ctx: AccountContext, sync: GroupSync, upload: Upload, failure: SyncFailure) =>
  ctx.db.transaction(ctx.accountId, (tx) => endFailed(tx, ctx, sync, upload, failure));

async function cancel(ctx: AccountContext, sync: GroupSync, upload: Upload): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const now = must(await selectSync(tx, ctx.accountId, sync.id), "a sync that is cancelled is there");
    await endSyncCancelled(tx, ctx.accountId, sync.id, ctx.clock.now());
    await dropStaging(tx, sync.id);
    await deletePieces(tx, ctx.accountId, upload.id);
    await endSync(tx, ctx, sync, `Cancelled by ${now.cancelRequestedBy ?? "somebody"}`, "no_call");
  });
}
