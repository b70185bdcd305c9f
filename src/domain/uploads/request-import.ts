import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, InvalidInputError, must, NotFoundError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { enqueue } from "../../platform/jobs.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { priorityOf } from "../syncs/coalescing.rules.ts";
import { selectOpenSyncsOfGroups } from "../syncs/group-syncs-store.ts";
import { insertSyncRequest } from "../syncs/request-store.ts";
import { insertSync, selectSync } from "../syncs/store.ts";
import { insertSyncEvent } from "../syncs/story-store.ts";
import type { Sync, SyncId } from "../syncs/sync.ts";
import { getFolder } from "../target-groups/change-folder.ts";
import { getGroups } from "../target-groups/change-groups.ts";
import { insertOwnGroup } from "../target-groups/store.ts";
import type { FolderId, GroupId, TargetGroup } from "../target-groups/target-group.ts";
import { importJob } from "./jobs.ts";
import { listKeptFields } from "./receive-upload.ts";
import { lockUpload, updateUploadReading } from "./store.ts";
import type { Reading, Upload, UploadId } from "./upload.ts";

/** Where a file goes: into a static group that is there, or a new one. */
export type ImportTarget =
  | { readonly groupId: GroupId }
  | { readonly name: string; readonly folderId: FolderId | null };

/**
 * Has a file imported into a static group. (product 3.3)
 * @returns the sync that does it: to be watched, cancelled and looked back at as any other
 * @throws ConflictError when the file was imported already, or the group is no static one or is busy
 */
export async function requestImport(
  ctx: AccountContext,
  id: UploadId,
  target: ImportTarget,
  reading: Reading,
): Promise<Sync> {
  const kept = (await listKeptFields(ctx)).map(({ name }) => name);
  const unknown = Object.keys(reading.columns.fields).filter((name) => !kept.includes(name));
  if (unknown.length > 0) {
    const message = `${unknown.join(", ")}: no field that is kept has this name`;
    throw new InvalidInputError([{ path: "columns.fields", message }]);
  }
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const upload = await getUpload(tx, ctx, id);
    const group =
      "groupId" in target ? await getStaticGroup(tx, ctx, target.groupId) : await createGroup(tx, ctx, target);
    const sync = await insertImport(tx, ctx, group.id);
    await updateUploadReading(tx, ctx.accountId, id, reading, sync);
    const { mode } = reading;
    await recordChange(tx, ctx, "target_group.upload", group.name, { id: group.id, file: upload.fileName, mode, sync });
    return must(await selectSync(tx, ctx.accountId, sync), "a sync just written can be read");
  });
}

async function getUpload(tx: Tx, ctx: AccountContext, id: UploadId): Promise<Upload> {
  const upload = await lockUpload(tx, ctx.accountId, id);
  if (!upload) throw new NotFoundError("upload", id, "A file is kept for a day: upload it again.");
  if (upload.syncId === null) return upload;
  throw new ConflictError("already_imported", `'${upload.fileName}' is imported already.`, "Upload it again.");
}

async function getStaticGroup(tx: Tx, ctx: AccountContext, id: GroupId): Promise<TargetGroup> {
  const group = must((await getGroups(tx, ctx, [id]))[0], "one was asked for");
  if (group.kind !== "static") {
    throw new ConflictError(
      "not_a_static_group",
      `'${group.name}' is a ${group.kind} group: its people don't come by upload.`,
      "Upload the list to a group of its own.",
    );
  }
  const [open] = await selectOpenSyncsOfGroups(tx, ctx.accountId, [id]);
  if (open) {
    throw new ConflictError(
      "sync_open",
      `Another file is imported into '${group.name}' just now.`,
      "Wait for its end, or cancel it.",
    );
  }
  return group;
}

async function createGroup(
  tx: Tx,
  ctx: AccountContext,
  { name, folderId }: { readonly name: string; readonly folderId: FolderId | null },
): Promise<{ readonly id: GroupId; readonly name: string }> {
  if (folderId !== null) await getFolder(tx, ctx, folderId);
  const id = newId<GroupId>();
  await insertOwnGroup(tx, ctx.accountId, { id, name, folderId, kind: "static" }, ctx.clock.now());
  return { id, name };
}

async function insertImport(tx: Tx, ctx: AccountContext, groupId: GroupId): Promise<SyncId> {
  const id = newId<SyncId>();
  const now = ctx.clock.now();
  const cause = { trigger: "upload", by: ctx.actor } as const;
  const priority = priorityOf("upload");
  await insertSync(tx, ctx.accountId, { id, bridgeId: null, groupId, isDryRun: false, priority }, cause, now);
  await insertSyncRequest(tx, ctx.accountId, id, cause, false, now);
  await insertSyncEvent(tx, ctx.accountId, id, { at: now, state: "queued", message: "Waiting", detail: {} });
  await enqueue(tx, importJob, { accountId: ctx.accountId, syncId: id }, { priority });
  return id;
}
