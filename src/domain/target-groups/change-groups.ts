import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, must, NotFoundError } from "../../platform/errors.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { getFolder, refuseOtherVersion } from "./change-folder.ts";
import { lockGroups, updateGroupGuard, updateGroupName, updateGroupsFolder } from "./store.ts";
import type { FolderId, GroupId, TargetGroup } from "./target-group.ts";

/** What an editor sends: what is left out stays. */
export interface GroupChange {
  readonly name?: string | undefined;
  /** Null takes it out of its folder. */
  readonly folderId?: FolderId | null | undefined;
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
}

/**
 * Renames a group or moves it. A bridge group has its query's name: the next list sync would take any other away.
 * @throws ConflictError when somebody changed it meanwhile, or when it is a bridge group that would be renamed (1.1)
 */
export function changeGroup(ctx: AccountContext, id: GroupId, change: GroupChange): Promise<TargetGroup> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const [group] = await getGroups(tx, ctx, [id]);
    const { name, folderId } = change;
    refuseOtherVersion(must(group, "one was asked for"), change.version);
    if (name !== undefined) await rename(tx, ctx, must(group, "one was asked for"), name);
    if (folderId !== undefined) await moveIn(tx, ctx, [id], folderId);
    return must((await getGroups(tx, ctx, [id]))[0], "a group just changed is there");
  });
}

/** When a read of the group is held; null takes the bridge's number. */
export interface GuardChange {
  readonly percent: number | null;
  readonly minimum: number | null;
  readonly absolute: number | null;
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
}

/** Sets the guard of one group. (product 1.5) @throws ConflictError when somebody changed the group meanwhile */
export function changeGroupGuard(ctx: AccountContext, id: GroupId, change: GuardChange): Promise<TargetGroup> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const group = must((await getGroups(tx, ctx, [id]))[0], "one was asked for");
    const { version, ...guard } = change;
    refuseOtherVersion(group, version);
    await updateGroupGuard(tx, ctx.accountId, id, guard);
    await recordChange(tx, ctx, "target_group.guard", group.name, guard);
    return must((await getGroups(tx, ctx, [id]))[0], "a group just changed is there");
  });
}

/** Moves groups into a folder, or out of any. @throws NotFoundError when one of them, or the folder, is not there */
export function moveGroups(ctx: AccountContext, ids: readonly GroupId[], folderId: FolderId | null): Promise<number> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await moveIn(tx, ctx, ids, folderId);
    return ids.length;
  });
}

async function rename(tx: Tx, ctx: AccountContext, group: TargetGroup, name: string): Promise<void> {
  if (name === group.name) return;
  if (group.kind === "bridge") {
    throw new ConflictError(
      "named_by_ams",
      `'${group.name}' has the name of its messaging job query.`,
      "Rename the query in the AMS; the next list sync brings its new name.",
    );
  }
  await updateGroupName(tx, ctx.accountId, group.id, name);
  await recordChange(tx, ctx, "target_group.rename", name, { id: group.id, before: group.name });
}

async function moveIn(tx: Tx, ctx: AccountContext, ids: readonly GroupId[], folderId: FolderId | null): Promise<void> {
  const folder = folderId === null ? null : await getFolder(tx, ctx, folderId);
  const groups = await getGroups(tx, ctx, ids);
  await updateGroupsFolder(tx, ctx.accountId, ids, folderId);
  for (const group of groups) {
    if (group.folderId === folderId) continue;
    await recordChange(tx, ctx, "target_group.move", group.name, { id: group.id, folder: folder?.name ?? null });
  }
}

/** All of these groups, held for change. @throws NotFoundError naming the first that is not there or is deleted */
export async function getGroups(
  tx: Tx,
  ctx: AccountContext,
  ids: readonly GroupId[],
  options: { readonly isDeleted: boolean } = { isDeleted: false },
): Promise<readonly TargetGroup[]> {
  const groups = (await lockGroups(tx, ctx.accountId, ids)).filter(
    ({ deletedAt }) => options.isDeleted || deletedAt === null,
  );
  const missing = ids.find((id) => !groups.some((group) => group.id === id));
  if (missing !== undefined) throw new NotFoundError("target group", missing);
  return groups;
}
