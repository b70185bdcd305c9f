import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceId } from "../mailing.ts";
import type { ReportParts } from "./report.ts";

/**
 * One part of an instance's kept numbers, where they are what its report shows: it is a large one, or what they were
 * counted from is gone.
 */
export async function selectKept<Name extends keyof ReportParts>(
  tx: Tx,
  account: AccountId,
  id: InstanceId,
  part: Name,
  largerThan: number,
): Promise<{ readonly countedAt: Temporal.Instant; readonly counts: ReportParts[Name] } | undefined> {
  const { rows } = await sql<{ countedAt: Temporal.Instant; counts: ReportParts[Name] }>`
    select r.counted_at as "countedAt", r.counts -> ${part}::text as counts from instance_report r
    join mailing_instance i on i.account_id = r.account_id and i.id = r.instance_id
    where r.account_id = ${account} and r.instance_id = ${id}
      and (i.recipients > ${largerThan} or i.detail_erased_at is not null)`.execute(tx);
  return rows[0];
}

export async function upsertKept(
  tx: Tx,
  account: AccountId,
  id: InstanceId,
  counts: ReportParts,
  now: Temporal.Instant,
): Promise<void> {
  await sql`insert into instance_report (account_id, instance_id, counted_at, counts)
    values (${account}, ${id}, ${now}, ${JSON.stringify(counts)}::jsonb)
    on conflict (account_id, instance_id) do update set counted_at = excluded.counted_at, counts = excluded.counts`.execute(
    tx,
  );
}

/** Whether this process is the one that counts an instance now; until the transaction ends. */
export async function lockCount(tx: Tx, id: InstanceId): Promise<boolean> {
  const { rows } = await sql<{ isOurs: boolean }>`
    select pg_try_advisory_xact_lock(7000026, hashtext(${id}::text)) as "isOurs"`.execute(tx);
  return rows[0]?.isOurs ?? false;
}

/**
 * Large instances, over all accounts, of which something may have changed since they were counted: they are under way,
 * or something came back. Those of the last 90 days; `mailing_activity_of_instance` answers for each kind.
 * @param least how many recipients make an instance large
 * @param now those counted in the minute before wait; from the third day on, in the quarter of an hour
 */
export async function selectStale(
  tx: Tx,
  least: number,
  now: Temporal.Instant,
): Promise<readonly { readonly accountId: AccountId; readonly instanceId: InstanceId }[]> {
  const { rows } = await sql<{ accountId: AccountId; instanceId: InstanceId }>`
    select i.account_id as "accountId", i.id as "instanceId" from mailing_instance i
    left join instance_report r on r.account_id = i.account_id and r.instance_id = i.id
    where i.recipients > ${least} and i.detail_erased_at is null and i.sending_at > ${now}::timestamptz - interval '90 days'
      and (r.counted_at is null or r.counted_at <= ${now}::timestamptz - case
        when i.sending_at > ${now}::timestamptz - interval '2 days' then interval '1 minute' else interval '15 minutes' end and (
        i.finished_at is null or i.finished_at >= r.counted_at - interval '1 minute'
        or exists (select from unnest(array['open', 'click', 'unsubscribe', 'resubscribe', 'complaint', 'bounce']) k(kind)
          join mailing_activity a on a.account_id = i.account_id and a.instance_id = i.id and a.kind = k.kind
            and a.at >= r.counted_at - interval '1 minute')))
    order by r.counted_at nulls first limit 20`.execute(tx);
  return rows;
}
