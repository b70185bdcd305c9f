import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import { enqueue } from "../../../platform/jobs.ts";
import type { AccountId } from "../../accounts/account.ts";
import { tallyRemoved } from "../../accounts/removed-between-nights.ts";
import { type Context, inAccount } from "../../context.ts";
import { endedStates } from "../../syncs/store.ts";
import type { SyncId } from "../../syncs/sync.ts";
import { deleteSyncValues, selectSyncsWithValues } from "../../syncs/value-store.ts";
import { publishJob } from "../jobs.ts";
import type { InstanceId } from "../mailing.ts";
import { selectSpentSyncs } from "./sync-store.ts";

interface Ref {
  readonly accountId: AccountId;
  readonly instanceId: InstanceId;
}

/**
 * Wakes every instance whose time has come, or whose process died: the schedule. What another process is at work on is
 * passed over. (product 4.2)
 */
export function sweepInstances(ctx: Context): Promise<void> {
  return ctx.db.system(async (tx) => {
    for (const { accountId, instanceId } of await selectDue(tx, ctx.clock.now()))
      await enqueue(tx, publishJob, { accountId, instanceId }, { key: `publish:${instanceId}` });
  });
}

/** `mailing_instance_open` serves it. */
async function selectDue(tx: Tx, now: Temporal.Instant): Promise<readonly Ref[]> {
  const { rows } = await sql<Ref>`
    select i.account_id as "accountId", i.id as "instanceId" from mailing_instance i
    join account a on a.id = i.account_id and a.suspended_at is null
    where (i.state = 'scheduled' and i.due_at <= ${now})
      or i.state = 'building'
      or (i.state = 'counting_down' and i.send_from <= ${now})
      or (i.state = 'syncing' and (i.retry_at is null or i.retry_at <= ${now}) and not exists (
        select from instance_sync x join sync s on s.account_id = x.account_id and s.id = x.sync_id
        where x.account_id = i.account_id and x.instance_id = i.id and x.round = i.sync_round
          and s.state not in ${endedStates}))
    for no key update of i skip locked`.execute(tx);
  return rows;
}

const peopleAtOnce = 10_000;

/** Erases the values of instances that ended longer ago than their account keeps them. (product 2.5) */
export async function eraseOldValues(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  const old = await ctx.db.system(async (tx) => {
    const { rows } = await sql<Ref>`select i.account_id as "accountId", i.id as "instanceId" from mailing_instance i
      join account a on a.id = i.account_id
      where i.finished_at < ${now}::timestamptz - make_interval(days => a.values_kept_days) and i.values_erased_at is null
      limit 100`.execute(tx);
    return rows;
  });
  for (const { accountId, instanceId } of old) {
    const own = inAccount(ctx, accountId, "schedule");
    while ((await own.db.transaction(accountId, (tx) => eraseBatch(tx, accountId, instanceId))) === peopleAtOnce);
    await own.db.transaction(accountId, (tx) =>
      sql`update mailing_instance set values_erased_at = ${now} where account_id = ${accountId} and id = ${instanceId}`.execute(
        tx,
      ),
    );
    own.log.info({ instance: instanceId }, "erased the personal values of an instance");
  }
}

async function eraseBatch(tx: Tx, account: AccountId, id: InstanceId): Promise<number> {
  const result = await sql`update recipient r set "values" = '{}'
    from (select place from recipient where account_id = ${account} and instance_id = ${id} and "values" <> '{}'
      limit ${peopleAtOnce}) b
    where r.account_id = ${account} and r.instance_id = ${id} and r.place = b.place`.execute(tx);
  const erased = Number(result.numAffectedRows ?? 0);
  await tallyRemoved(tx, account, "values", erased);
  return erased;
}

/** Erases what syncs read for mailings that took it, or never will. (product 2.5) */
export async function forgetSpentValues(ctx: Context): Promise<void> {
  const byAccount = Map.groupBy(await ctx.db.system(selectSyncsWithValues), ({ accountId }) => accountId);
  for (const [accountId, syncs] of byAccount) {
    await ctx.db.transaction(accountId, async (tx) => {
      const spent = await selectSpentSyncs(
        tx,
        accountId,
        syncs.map(({ syncId }): SyncId => syncId),
      );
      await deleteSyncValues(tx, accountId, spent);
    });
  }
}
