import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import { endedStates, waitsFor } from "./store.ts";
import type { SyncId, SyncState, Wait } from "./sync.ts";

/** The sync of a group that waits, runs or is held, as a list of groups shows it. */
export interface OpenSync {
  readonly groupId: GroupId;
  readonly id: SyncId;
  readonly state: SyncState;
  readonly requestedAt: Temporal.Instant;
  readonly waitsFor: Wait | null;
  readonly startedAt: Temporal.Instant | null;
  readonly rowsRead: number;
  readonly rowsExpected: number | null;
}

/** Open syncs of these groups, what runs before what waits; dry runs left out. `sync_open_of_group` serves it. */
export async function selectOpenSyncsOfGroups(
  tx: Tx,
  account: AccountId,
  groups: readonly GroupId[],
): Promise<readonly OpenSync[]> {
  const { rows } = await sql<OpenSync>`
    select s.group_id as "groupId", s.id, s.state, s.requested_at as "requestedAt", s.started_at as "startedAt",
      s.rows_read as "rowsRead", s.rows_expected as "rowsExpected", ${waitsFor(account)} as "waitsFor"
    from sync s where s.account_id = ${account} and s.group_id = any(${groups}::uuid[]) and not s.is_dry_run
      and s.state not in ${endedStates}
    order by s.state = 'queued', s.requested_at`.execute(tx);
  return rows;
}

/** How many steps a trend has, and how long each is: thirty days. */
const trendSteps = 10;
const daysOfStep = 3;

/**
 * How many members each of these groups had at the end of each of the last ten spans of three days, and before the
 * first, oldest first; shorter where the group's first sync is younger. `sync_size_of_group` answers each of them.
 */
export async function selectTrendsOfGroups(
  tx: Tx,
  account: AccountId,
  groups: readonly GroupId[],
  now: Temporal.Instant,
): Promise<ReadonlyMap<GroupId, readonly number[]>> {
  const { rows } = await sql<{ groupId: GroupId; trend: readonly number[] }>`
    select g.id as "groupId", array_agg(s.distinct_valid order by step) as trend
    from unnest(${groups}::uuid[]) as g(id) cross join generate_series(0, ${trendSteps}::int) as step cross join lateral (
      select distinct_valid from sync where account_id = ${account} and group_id = g.id
        and state = 'succeeded' and not is_dry_run
        and finished_at <= ${now}::timestamptz - (${trendSteps}::int - step) * ${daysOfStep}::int * interval '24 hours'
      order by finished_at desc limit 1) s
    group by g.id`.execute(tx);
  return new Map(rows.map(({ groupId, trend }) => [groupId, trend]));
}

/** How the last sync of a group ended. */
export interface LastSync {
  readonly groupId: GroupId;
  readonly id: SyncId;
  readonly state: SyncState;
  readonly finishedAt: Temporal.Instant;
  readonly added: number;
  readonly removed: number;
  readonly errorMessage: string | null;
}

/** The last ended sync of each of these groups. Ids grow with time: `sync_of_group` is walked from its end. */
export async function selectLastSyncsOfGroups(
  tx: Tx,
  account: AccountId,
  groups: readonly GroupId[],
): Promise<readonly LastSync[]> {
  const { rows } = await sql<LastSync>`
    select s.group_id as "groupId", s.id, s.state, s.finished_at as "finishedAt", s.added, s.removed,
      s.error_message as "errorMessage"
    from unnest(${groups}::uuid[]) as g(id) cross join lateral (
      select * from sync where account_id = ${account} and group_id = g.id and not is_dry_run and finished_at is not null
      order by account_id desc, group_id desc, id desc limit 1) s`.execute(tx);
  return rows;
}
