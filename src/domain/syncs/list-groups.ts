import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import { countGroups, type GroupFilter, selectGroupPage, selectLastUsedAt } from "../target-groups/list-store.ts";
import type { GroupId, TargetGroup } from "../target-groups/target-group.ts";
import { selectUseCounts, type UseCounts } from "../target-groups/use-store.ts";
import {
  type LastSync,
  type OpenSync,
  selectLastSyncsOfGroups,
  selectOpenSyncsOfGroups,
  selectTrendsOfGroups,
} from "./group-syncs-store.ts";

/** A group as lists show it: with how fresh it is, what runs, when it was last used, and by how many. */
export interface ListedGroup {
  readonly group: TargetGroup;
  readonly lastUsedAt: Temporal.Instant | null;
  readonly usedIn: UseCounts;
  readonly lastSync: LastSync | null;
  readonly openSync: OpenSync | null;
  /** How many members it had every three days of the last thirty, oldest first; empty for one that no sync counts. */
  readonly trend: readonly number[];
}

export interface GroupPage {
  readonly groups: readonly (ListedGroup & { readonly key: string })[];
  /** On all pages. */
  readonly total: number;
}

/** One page of target groups, and how many the filter finds. */
export function listGroups(ctx: AccountContext, filter: GroupFilter): Promise<GroupPage> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const page = await selectGroupPage(tx, ctx.accountId, filter);
    return { groups: await withDetails(tx, ctx, page), total: await countGroups(tx, ctx.accountId, filter) };
  });
}

/** One group, as lists show it. @throws NotFoundError when the account has no such group */
export function findListedGroup(ctx: AccountContext, id: GroupId): Promise<ListedGroup> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const group = await getTargetGroup(tx, ctx, id);
    const lastUsedAt = await selectLastUsedAt(tx, ctx.accountId, id);
    const [listed] = await withDetails(tx, ctx, [{ group, lastUsedAt }]);
    return listed as ListedGroup;
  });
}

const unused: UseCounts = { compounds: 0, mailings: 0, templates: 0 };

async function withDetails<Entry extends Pick<ListedGroup, "group" | "lastUsedAt">>(
  tx: Tx,
  ctx: AccountContext,
  entries: readonly Entry[],
): Promise<readonly (Entry & ListedGroup)[]> {
  const ids = entries.map(({ group }) => group.id);
  const last = new Map((await selectLastSyncsOfGroups(tx, ctx.accountId, ids)).map((sync) => [sync.groupId, sync]));
  const open = (await selectOpenSyncsOfGroups(tx, ctx.accountId, ids)).toReversed();
  const running = new Map(open.map((sync) => [sync.groupId, sync]));
  const trends = await selectTrendsOfGroups(tx, ctx.accountId, ids, ctx.clock.now());
  const uses = await selectUseCounts(tx, ctx.accountId, ids);
  return entries.map((entry) => ({
    ...entry,
    usedIn: uses.get(entry.group.id) ?? unused,
    lastSync: last.get(entry.group.id) ?? null,
    openSync: running.get(entry.group.id) ?? null,
    trend: trends.get(entry.group.id) ?? [],
  }));
}
