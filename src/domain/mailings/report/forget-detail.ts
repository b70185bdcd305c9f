import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { AccountContext } from "../../context.ts";
import type { InstanceId } from "../mailing.ts";
import { countExclusions } from "../publish/instance-page-store.ts";
import { keepReport } from "./find-report.ts";

/**
 * Takes the next instance that ended longer ago than its detail is kept: its report is counted for the last time and
 * stays, and how many were left out for which reason. From then on its detail may go.
 * @returns false when there is none left
 */
export async function closeOldReport(tx: Tx, ctx: AccountContext, before: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql<{ id: InstanceId }>`
    select id from mailing_instance
    where account_id = ${ctx.accountId} and detail_erased_at is null and finished_at < ${before}
    order by finished_at limit 1 for no key update`.execute(tx);
  const id = rows[0]?.id;
  if (id === undefined) return false;
  await keepReport(tx, ctx, id);
  const exclusions = await countExclusions(tx, ctx.accountId, id);
  await sql`update mailing_instance set detail_erased_at = ${ctx.clock.now()}, exclusions_kept = ${JSON.stringify(exclusions)}::jsonb
    where account_id = ${ctx.accountId} and id = ${id}`.execute(tx);
  return true;
}

/**
 * Removes opens, clicks and other answers of instances whose report is closed. What comes later still, such as a click
 * after two years, stays as long as any other. Recipients stay: nobody gets an instance twice. (product 4.4)
 * @returns how many went, at most `most`
 */
export async function deleteOldActivity(tx: Tx, account: AccountId, before: Temporal.Instant, most: number) {
  const result = await sql`delete from mailing_activity a using (
      select x.id from mailing_instance i
      join mailing_activity x on x.account_id = i.account_id and x.instance_id = i.id and x.at < ${before}
      where i.account_id = ${account} and i.detail_erased_at is not null limit ${most}) old
    where a.account_id = ${account} and a.id = old.id`.execute(tx);
  return Number(result.numAffectedRows ?? 0);
}

/** Removes who was left out of instances whose report is closed. @returns how many went, at most `most` */
export async function deleteOldExclusions(tx: Tx, account: AccountId, most: number): Promise<number> {
  const result = await sql`delete from instance_exclusion e using (
      select x.instance_id, x.subscriber_id from mailing_instance i
      join instance_exclusion x on x.account_id = i.account_id and x.instance_id = i.id
      where i.account_id = ${account} and i.detail_erased_at is not null limit ${most}) old
    where e.account_id = ${account} and e.instance_id = old.instance_id and e.subscriber_id = old.subscriber_id`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0);
}
