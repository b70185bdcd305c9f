import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, must, NotFoundError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { mostFolderLevels, whyNotThere } from "./folder.rules.ts";
import { insertFolder, lockFolder, lockFolders, selectFolders, updateFolder } from "./folder-store.ts";
import type { Folder, FolderId } from "./target-group.ts";

/** What an editor sends: what is left out stays. */
export interface FolderChange {
  readonly name?: string | undefined;
  /** Null moves it to the top. */
  readonly parentId?: FolderId | null | undefined;
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
}

/** @throws NotFoundError for a foreign parent @throws ConflictError when the name is taken there, or it is too deep */
export function createFolder(ctx: AccountContext, name: string, parentId: FolderId | null): Promise<Folder> {
  return changing(ctx, async (tx) => {
    const id = newId<FolderId>();
    await refusePlace(tx, ctx, { id: null, name, parentId });
    await insertFolder(tx, ctx.accountId, { id, name, parentId }, ctx.clock.now());
    await recordChange(tx, ctx, "folder.create", name, { id });
    return id;
  });
}

/**
 * Renames or moves a folder.
 * @throws ConflictError when somebody changed it meanwhile, when the name is taken there, or when it can't go there
 */
export function changeFolder(ctx: AccountContext, id: FolderId, change: FolderChange): Promise<Folder> {
  return changing(ctx, async (tx) => {
    const folder = await getFolder(tx, ctx, id);
    refuseOtherVersion(folder, change.version);
    const { name = folder.name, parentId = folder.parentId } = change;
    if (folder.bridgeId !== null && parentId !== null) {
      throw new ConflictError("bridge_folder", `'${folder.name}' is the bridge's folder: it stays at the top.`);
    }
    await refusePlace(tx, ctx, { id, name, parentId });
    await updateFolder(tx, ctx.accountId, { ...folder, name, parentId });
    await recordChange(tx, ctx, "folder.change", name, { id, before: folder.name, parentId });
    return id;
  });
}

/** Deletes an empty folder; it can be brought back. (product 3.2) @throws ConflictError when something is in it */
export function deleteFolder(ctx: AccountContext, id: FolderId, version?: number): Promise<Folder> {
  return changing(ctx, async (tx) => {
    const folder = await getFolder(tx, ctx, id);
    refuseOtherVersion(folder, version);
    if (folder.bridgeId !== null) {
      throw new ConflictError("bridge_folder", `'${folder.name}' is the bridge's folder: new groups arrive in it.`);
    }
    const folders = await selectFolders(tx, ctx.accountId);
    if (folder.groups > 0 || folders.some((other) => other.parentId === id)) {
      throw new ConflictError("folder_in_use", `'${folder.name}' is not empty.`, "Move what is in it elsewhere first.");
    }
    await updateFolder(tx, ctx.accountId, { ...folder, deletedAt: ctx.clock.now() });
    await recordChange(tx, ctx, "folder.delete", folder.name, { id });
    return id;
  });
}

/** Brings a deleted folder back: to where it was, or to the top where that is gone. (product 3.2) */
export function undeleteFolder(ctx: AccountContext, id: FolderId): Promise<Folder> {
  return changing(ctx, async (tx) => {
    const folder = await lockFolder(tx, ctx.accountId, id);
    if (!folder) throw new NotFoundError("folder", id);
    if (folder.deletedAt === null) return id;
    const folders = await selectFolders(tx, ctx.accountId);
    const isThere = folders.some((other) => other.id === folder.parentId);
    const parentId = isThere && whyNotThere(folders, id, folder.parentId) === null ? folder.parentId : null;
    await refusePlace(tx, ctx, { id, name: folder.name, parentId });
    await updateFolder(tx, ctx.accountId, { ...folder, parentId, deletedAt: null });
    await recordChange(tx, ctx, "folder.undelete", folder.name, { id });
    return id;
  });
}

/** @throws NotFoundError when the account has no such folder, or it is deleted */
export async function getFolder(tx: Tx, ctx: AccountContext, id: FolderId): Promise<Folder> {
  const folder = await lockFolder(tx, ctx.accountId, id);
  if (!folder || folder.deletedAt !== null) throw new NotFoundError("folder", id);
  return folder;
}

function changing(ctx: AccountContext, change: (tx: Tx) => Promise<FolderId>): Promise<Folder> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await lockFolders(tx, ctx.accountId);
    return must(await lockFolder(tx, ctx.accountId, await change(tx)), "a folder just changed is there");
  });
}

async function refusePlace(
  tx: Tx,
  ctx: AccountContext,
  place: { readonly id: FolderId | null; readonly name: string; readonly parentId: FolderId | null },
): Promise<void> {
  const { id, name, parentId } = place;
  const folders = await selectFolders(tx, ctx.accountId);
  if (parentId !== null && !folders.some((folder) => folder.id === parentId))
    throw new NotFoundError("folder", parentId);
  const trouble = whyNotThere(folders, id, parentId);
  if (trouble === "inside_itself") throw new ConflictError(trouble, "A folder can't be moved into itself.");
  if (trouble === "too_deep")
    throw new ConflictError(trouble, `Folders go ${mostFolderLevels} levels deep.`, "Choose one further up.");
  const isSame = (other: Folder) =>
    other.id !== id && other.parentId === parentId && other.name.toLowerCase() === name.toLowerCase();
  if (folders.some(isSame))
    throw new ConflictError("name_taken", `There is a folder '${name}' already.`, "Choose another name.");
}

export function refuseOtherVersion(
  thing: { readonly name: string; readonly version: number },
  seen: number | undefined,
): void {
  if (seen === undefined || seen === thing.version) return;
  throw new ConflictError(
    "edited_meanwhile",
    `Somebody else changed '${thing.name}' while you were editing it.`,
    "Load it again and repeat your change.",
  );
}
