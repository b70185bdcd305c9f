import { ConflictError } from "../../platform/errors.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { getGroups } from "../target-groups/change-groups.ts";
import { selectDeletedParts } from "../target-groups/compound-store.ts";
import { updateGroupsDeleted } from "../target-groups/store.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { selectHolders, selectNeededGroup } from "../target-groups/use-store.ts";
import { selectOpenSyncsOfGroups } from "./group-syncs-store.ts";

/**
 * Deletes groups; they can be brought back. All of them, or none. (product 3.2)
 * @throws ConflictError when one of them is part of a compound group, a mailing has yet to go to it, or a sync of it is open
 */
export function deleteGroups(ctx: AccountContext, ids: readonly GroupId[]): Promise<number> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const groups = await getGroups(tx, ctx, ids);
    const nameOf = (id: GroupId) => groups.find((group) => group.id === id)?.name ?? id;
    const holder = (await selectHolders(tx, ctx.accountId, ids)).find((other) => !ids.includes(other.id));
    if (holder) {
      throw new ConflictError(
        "group_in_use",
        `'${nameOf(holder.partId)}' is part of '${holder.name}'.`,
        "Take it out of that group first.",
      );
    }
    const needed = await selectNeededGroup(tx, ctx.accountId, ids);
    if (needed) {
      throw new ConflictError(
        "group_in_use",
        `A mailing that was published has yet to go to '${nameOf(needed)}', or to leave it out.`,
        "Wait until it goes out, or cancel it: it stands under Mailings › Calendar.",
      );
    }
    const [open] = await selectOpenSyncsOfGroups(tx, ctx.accountId, ids);
    if (open) {
      throw new ConflictError(
        "sync_open",
        `A sync of '${nameOf(open.groupId)}' is ${open.state}.`,
        open.state === "held" ? "Apply it or discard it first." : "Wait for its end, or cancel it.",
      );
    }
    await updateGroupsDeleted(tx, ctx.accountId, ids, ctx.clock.now());
    for (const { id, name } of groups) await recordChange(tx, ctx, "target_group.delete", name, { id });
    return groups.length;
  });
}

/**
 * Brings deleted groups back, with the members they had. (product 3.2)
 * @throws NotFoundError for a foreign one; ConflictError when a compound's part stays deleted
 */
export function undeleteGroups(ctx: AccountContext, ids: readonly GroupId[]): Promise<number> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const groups = (await getGroups(tx, ctx, ids, { isDeleted: true })).filter(({ deletedAt }) => deletedAt !== null);
    const gone = (await selectDeletedParts(tx, ctx.accountId, ids)).find((part) => !ids.includes(part.id));
    if (gone) {
      const { name = "" } = groups.find(({ id }) => id === gone.compoundId) ?? {};
      throw new ConflictError(
        "part_deleted",
        `'${name}' is made of '${gone.name}', which is deleted too.`,
        "Bring that one back first, or both together.",
      );
    }
    await updateGroupsDeleted(
      tx,
      ctx.accountId,
      groups.map(({ id }) => id),
      null,
    );
    for (const { id, name } of groups) await recordChange(tx, ctx, "target_group.undelete", name, { id });
    return groups.length;
  });
}
