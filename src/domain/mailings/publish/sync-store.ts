import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { SyncId, SyncState } from "../../syncs/sync.ts";
import type { GroupId } from "../../target-groups/target-group.ts";
import type { Instance } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";

/** What became of one group in one round of an instance's syncs. */
export interface InstanceSync {
  readonly round: number;
  readonly groupId: GroupId;
  /** Null where none could be asked for; then there is a reason. */
  readonly syncId: SyncId | null;
  readonly reason: string | null;
  readonly state: SyncState | null;
  readonly errorMessage: string | null;
  readonly heldReason: string | null;
  readonly cancelledBy: string | null;
}

/** The syncs of the rounds since the publish, or somebody's "try again", began. */
export async function selectInstanceSyncs(
  tx: Tx,
  account: AccountId,
  { id, firstSyncRound }: Pick<Instance, "id" | "firstSyncRound">,
): Promise<readonly InstanceSync[]> {
  const { rows } = await sql<InstanceSync>`
    select x.round, x.group_id as "groupId", x.sync_id as "syncId", x.reason, s.state, s.error_message as "errorMessage",
      s.held_reason as "heldReason", s.cancel_requested_by as "cancelledBy"
    from instance_sync x left join sync s on s.account_id = x.account_id and s.id = x.sync_id
    where x.account_id = ${account} and x.instance_id = ${id} and x.round >= ${firstSyncRound}
    order by x.round, x.group_id`.execute(tx);
  return rows;
}

export async function insertInstanceSync(
  tx: Tx,
  account: AccountId,
  { id, syncRound }: Pick<Instance, "id" | "syncRound">,
  group: GroupId,
  asked: { readonly syncId: SyncId } | { readonly reason: string },
): Promise<void> {
  const { syncId, reason } = { syncId: null, reason: null, ...asked };
  await sql`insert into instance_sync (account_id, instance_id, round, group_id, sync_id, reason)
    values (${account}, ${id}, ${syncRound}, ${group}, ${syncId}, ${reason})`.execute(tx);
}

/** Instances that wait for this sync. `instance_sync_by_sync` serves it. */
export async function selectWaitingFor(tx: Tx, account: AccountId, sync: SyncId): Promise<readonly InstanceId[]> {
  const { rows } = await sql<{ id: InstanceId }>`
    select distinct i.id from instance_sync x
    join mailing_instance i on i.account_id = x.account_id and i.id = x.instance_id and i.state = 'syncing'
    where x.account_id = ${account} and x.sync_id = ${sync}`.execute(tx);
  return rows.map(({ id }) => id);
}

/**
 * Which of these syncs nobody needs the values of any more: no instance that is still to be built has them in its
 * rounds. Without a list, of all that have values.
 */
export async function selectSpentSyncs(
  tx: Tx,
  account: AccountId,
  syncs: readonly SyncId[],
): Promise<readonly SyncId[]> {
  const { rows } = await sql<{ id: SyncId }>`
    select s.id from unnest(${syncs}::uuid[]) s(id)
    where not exists (
      select from instance_sync x
      join mailing_instance i on i.account_id = x.account_id and i.id = x.instance_id
      where x.account_id = ${account} and x.sync_id = s.id and x.round >= i.first_sync_round
        and i.state not in ('counting_down', 'sending', 'sent', 'cancelled')
        and coalesce(i.resumes_in, '') not in ('counting_down', 'sending'))`.execute(tx);
  return rows.map(({ id }) => id);
}
