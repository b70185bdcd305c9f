import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceId } from "../mailing.ts";
import { comesBack, lockMark, takeUntaken } from "../untaken.ts";

const peopleAtOnce = 10_000;

/**
 * Marks a batch of a cancelled instance's recipients who are not sent to any more; those in a worker's hands it sets
 * down itself. Nobody waits behind a million rows. @returns whether there may be more
 */
export async function cancelLeft(tx: Tx, account: AccountId, id: InstanceId): Promise<boolean> {
  const takenTo = await lockMark(tx, account, id, "cancelled");
  if (takenTo === null) return false;
  const result = await sql`
    with again as (
      select place from recipient where account_id = ${account} and instance_id = ${id} and ${comesBack}
      order by due_at nulls first, place limit ${peopleAtOnce} for no key update skip locked),
    ${takeUntaken(account, id, takenTo, sql`${peopleAtOnce} - (select count(*) from again)`)}
    update recipient r set state = 'cancelled', due_at = null
    from (select place from again union all select place from first) b
    where r.account_id = ${account} and r.instance_id = ${id} and r.place = b.place`.execute(tx);
  return Number(result.numAffectedRows ?? 0) === peopleAtOnce;
}
