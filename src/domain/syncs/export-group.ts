import { paged, rowsAtOnce } from "../../platform/paged.ts";
import { recordChange } from "../accounts/record-change.ts";
import { type Field, selectFields } from "../bridges/field-store.ts";
import { selectBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { findRule } from "../target-groups/compose-group.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import type { GroupId, TargetGroup } from "../target-groups/target-group.ts";
import { selectCompoundMembers } from "./compound-members.ts";
import { type Member, selectMembersToExport, selectRejectedRows } from "./history-store.ts";
import type { RejectReason } from "./row.rules.ts";

/** A list as a file: its rows arrive while it is read, in the order of the list. */
export interface Export {
  readonly group: TargetGroup;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly string[]>;
}

/**
 * The group's members with the values that are kept. Read a thousand at a time, no transaction waits for the network;
 * who leaves meanwhile is left out. The audit log tells who took it.
 */
export async function exportMembers(
  ctx: AccountContext,
  groupId: GroupId,
  standing: Member["standing"] | undefined,
): Promise<Export> {
  const { group, fields } = await begin(ctx, groupId, "target_group.export_members");
  return {
    group,
    columns: ["Remote ID", "E-mail address", "Standing", ...fields.map(({ displayName }) => displayName)],
    rows: paged(
      (after: number | undefined) =>
        ctx.db.transaction(ctx.accountId, async (tx) => {
          const filter = { groupId, standing, limit: rowsAtOnce, after };
          if (group.kind !== "compound") return selectMembersToExport(tx, ctx.accountId, filter);
          const rule = await findRule(tx, ctx, groupId);
          return (await selectCompoundMembers(tx, ctx.accountId, rule, { ...filter, search: undefined })).members;
        }),
      (member) => member.subscriberId,
      ({ remoteId, email, standing, values }) => [
        remoteId ?? "",
        email,
        standing,
        ...fields.map(({ name }) => values[name] ?? ""),
      ],
    ),
  };
}

/** The rows of the group's last good read that could not be used, with their reasons. (product 1.7) */
export async function exportRejectedRows(
  ctx: AccountContext,
  groupId: GroupId,
  reasons: readonly RejectReason[] | undefined,
): Promise<Export> {
  const { group } = await begin(ctx, groupId, "target_group.export_rejected_rows");
  return {
    group,
    columns: ["Remote ID", "E-mail address", "Reason"],
    rows: paged(
      (after: Parameters<typeof selectRejectedRows>[2]["after"]) =>
        ctx.db.transaction(ctx.accountId, (tx) =>
          selectRejectedRows(tx, ctx.accountId, { groupId, reasons, limit: rowsAtOnce, after }),
        ),
      ({ reason, remoteId, fingerprint }) => ({ reason, remoteId, fingerprint }),
      ({ remoteId, email, reason }) => [remoteId, email, reason],
    ),
  };
}

function begin(
  ctx: AccountContext,
  groupId: GroupId,
  action: string,
): Promise<{ readonly group: TargetGroup; readonly fields: readonly Field[] }> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const group = await getTargetGroup(tx, ctx, groupId);
    const bridge = await selectBridge(tx, ctx.accountId);
    const fields = bridge ? await selectFields(tx, ctx.accountId, bridge.id) : [];
    await recordChange(tx, ctx, action, group.name, { id: groupId });
    return { group, fields: fields.filter(({ isKept }) => isKept) };
  });
}
