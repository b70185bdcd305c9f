import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, InvalidInputError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { peopleSearch } from "../subscribers/search.rules.ts";
import { selectFoundMembers } from "../subscribers/store.ts";
import { findRule } from "../target-groups/compose-group.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import { selectCompoundMembers } from "./compound-members.ts";
import { findSync } from "./find-syncs.ts";
import {
  type ChangeKind,
  type GroupPeriods,
  hasDifference,
  type Member,
  type MemberFilter,
  type RejectedRow,
  selectChanges,
  selectGroupPeriods,
  selectMembers,
  selectMembersAmong,
  selectRejectedRows,
  selectWouldChanges,
  type WouldChange,
} from "./history-store.ts";
import type { SyncId } from "./sync.ts";

/** A page, and the id to go on behind; null on the last page. */
export interface MemberPage {
  readonly members: readonly Member[];
  readonly next: number | null;
}

/** One page of the people in a group, now or at a past moment. (product 1.8) @throws NotFoundError for a foreign group */
export function listMembers(ctx: AccountContext, filter: MemberFilter): Promise<MemberPage> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const group = await getTargetGroup(tx, ctx, filter.groupId);
    if (group.kind === "compound") return listCompoundMembers(tx, ctx, filter);
    if (filter.search?.trim() && !filter.at) return searchMembers(tx, ctx, filter, filter.search);
    const members = await selectMembers(tx, ctx.accountId, filter);
    return { members, next: members.length === filter.limit ? (members.at(-1)?.subscriberId ?? null) : null };
  });
}

async function listCompoundMembers(tx: Tx, ctx: AccountContext, filter: MemberFilter): Promise<MemberPage> {
  if (filter.at) {
    throw new InvalidInputError([
      { path: "at", message: "is of groups with members of their own; a compound group is computed from them, now" },
    ]);
  }
  return selectCompoundMembers(tx, ctx.accountId, await findRule(tx, ctx, filter.groupId), filter);
}

const foundAtOnce = 500;
/** With a standing that few of those found have, a page may end early; the next one goes on behind it. */
const mostRounds = 8;

async function searchMembers(
  tx: Tx,
  ctx: AccountContext,
  { groupId, standing, limit, after = 0 }: MemberFilter,
  search: string,
): Promise<MemberPage> {
  const sought = peopleSearch(search);
  if (sought.words === null && sought.keyFrom === null) return { members: [], next: null };
  const members: Member[] = [];
  let seen = after;
  for (let round = 0; round < mostRounds; round += 1) {
    const atOnce = standing ? foundAtOnce : limit;
    const found = await selectFoundMembers(tx, groupId, { ...sought, limit: atOnce, after: seen });
    for (const member of await selectMembersAmong(tx, ctx.accountId, groupId, found)) {
      if (!standing || member.standing === standing) members.push(member);
      if (members.length === limit) return { members, next: member.subscriberId };
    }
    seen = found.at(-1) ?? seen;
    if (found.length < atOnce) return { members, next: null };
  }
  return { members, next: seen };
}

/** One page of the rows that the group's last good read could not use, with their reasons. (product 1.7) */
export function listRejectedRows(
  ctx: AccountContext,
  filter: Parameters<typeof selectRejectedRows>[2],
): Promise<readonly RejectedRow[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getTargetGroup(tx, ctx, filter.groupId);
    return selectRejectedRows(tx, ctx.accountId, filter);
  });
}

/** One page of who was added or removed by a sync. @throws NotFoundError for a foreign sync */
export async function listChanges(
  ctx: AccountContext,
  filter: {
    readonly syncId: SyncId;
    readonly kind: ChangeKind;
    readonly limit: number;
    readonly after?: number | undefined;
  },
): Promise<readonly Member[]> {
  await findSync(ctx, filter.syncId);
  return ctx.db.transaction(ctx.accountId, (tx) => selectChanges(tx, ctx.accountId, filter));
}

/**
 * One page of who would come, go or change by a held sync or a dry run. (product 1.5, 1.9)
 * @throws ConflictError when the difference is not kept any more
 */
export async function listWouldChanges(
  ctx: AccountContext,
  filter: Parameters<typeof selectWouldChanges>[2],
): Promise<readonly WouldChange[]> {
  await findSync(ctx, filter.syncId);
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await hasDifference(tx, filter.syncId))) {
      throw new ConflictError(
        "no_difference",
        "This sync keeps no list of what it would change.",
        "A held sync keeps it until it is decided, a dry run for a day. Run the dry run again.",
      );
    }
    return selectWouldChanges(tx, ctx.accountId, filter);
  });
}

/** The groups that one person is or was in, since when and by which sync. (product 1.8) */
export function listGroupPeriods(ctx: AccountContext, subscriberId: number): Promise<GroupPeriods> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectGroupPeriods(tx, ctx.accountId, subscriberId));
}
