import { paged, rowsAtOnce } from "../../platform/paged.ts";
import { recordChange } from "../accounts/record-change.ts";
import { type Field, selectFields } from "../bridges/field-store.ts";
import { selectBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { findRule } from "../target-groups/compose-group.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import type { GroupId, TargetGroup } from "../target-groups/target-group.ts";
import { selectCompoundMembers } from "./compound-members.ts";
import { findSync } from "./find-syncs.ts";
import { type ChangeKind, type Member, selectMembers, selectRejectedRows } from "./history-store.ts";
import { listMembers, listWouldChanges } from "./look-back.ts";
import type { RejectReason } from "./row.rules.ts";
import type { SyncId } from "./sync.ts";

/** A list as a file: its rows arrive while it is read, in the order of the list. */
export interface Export {
  readonly group: TargetGroup;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly string[]>;
}

interface MembersToExport {
  readonly standing?: Member["standing"] | undefined;
  /** A past moment: who was in the group then, without values, which are known of today alone. */
  readonly at?: Temporal.Instant | undefined;
}

/**
 * The group's members with the values that are kept, or as they were at a past moment. Read a thousand at a time, no transaction waits for the network;
 * who leaves meanwhile is left out. The audit log tells who took it.
 * @throws InvalidInputError for a past moment of a compound group, which has none
 */
export async function exportMembers(
  ctx: AccountContext,
  groupId: GroupId,
  { standing, at }: MembersToExport = {},
): Promise<Export> {
  if (at) return exportMembersAt(ctx, groupId, standing, at);
  const { group, fields } = await begin(ctx, groupId, "target_group.export_members");
  return {
    group,
    columns: ["Remote ID", "E-mail address", "Standing", ...fields.map(({ displayName }) => displayName)],
    rows: paged(
      (after: number | undefined) =>
        ctx.db.transaction(ctx.accountId, async (tx) => {
          const filter = { groupId, standing, limit: rowsAtOnce, after };
          if (group.kind !== "compound") return selectMembers(tx, ctx.accountId, filter);
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

async function exportMembersAt(
  ctx: AccountContext,
  groupId: GroupId,
  standing: Member["standing"] | undefined,
  at: Temporal.Instant,
): Promise<Export> {
  // Refused before the file begins.
  await listMembers(ctx, { groupId, at, limit: 1 });
  const { group } = await begin(ctx, groupId, "target_group.export_members");
  return {
    group,
    columns: ["Remote ID", "E-mail address", "Standing"],
    rows: paged(
      async (after: number | undefined) =>
        (await listMembers(ctx, { groupId, at, standing, limit: rowsAtOnce, after })).members,
      (member) => member.subscriberId,
      (member) => [member.remoteId ?? "", member.email, member.standing],
    ),
  };
}

/**
 * Who would come, go or change by a held sync or a dry run. (product 1.5, 1.9)
 * @throws ConflictError when the difference is not kept any more
 */
export async function exportWouldChanges(
  ctx: AccountContext,
  syncId: SyncId,
  kind: ChangeKind | "updated",
): Promise<Omit<Export, "group"> & { readonly groupName: string }> {
  await listWouldChanges(ctx, { syncId, kind, limit: 1 });
  const { groupName } = await findSync(ctx, syncId);
  await ctx.db.transaction(ctx.accountId, (tx) =>
    recordChange(tx, ctx, "sync.export_difference", groupName ?? "", { id: syncId, kind }),
  );
  return {
    groupName: groupName ?? "",
    columns: ["Remote ID", "E-mail address"],
    rows: paged(
      (after: number | undefined) => listWouldChanges(ctx, { syncId, kind, limit: rowsAtOnce, after }),
      (person) => person.subscriberId,
      ({ remoteId, email }) => [remoteId ?? "", email],
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
