import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import { ConflictError } from "../../../platform/errors.ts";
import type { AccountContext } from "../../context.ts";
import { erasedName } from "../../subscribers/erased.ts";
import { recipientsOf } from "../recipients-of.ts";

/**
 * Takes people out of mailings: address, values and what servers said of them go, what happened stays, so that each
 * report has its numbers. What was not sent to them yet is not sent. (product 2.6)
 *
 * Waits for audiences that are being frozen, and lets none begin before the transaction ends: one that began before
 * would bring the address back.
 * @throws ConflictError when a mail to one of them is leaving at this moment
 */
export async function eraseRecipients(tx: Tx, ctx: AccountContext, ids: readonly number[]): Promise<void> {
  const { accountId } = ctx;
  await sql`select from mailing_instance where account_id = ${accountId} and state not in ('sent', 'cancelled')
    order by id for share`.execute(tx);
  const { rows } = await sql<{ place: number; state: string }>`
    select r.place, r.state from ${recipientsOf(accountId, ids)}
    order by r.instance_id, r.place for no key update of r`.execute(tx);
  if (rows.some(({ state }) => state === "claimed" || state === "handing_over")) {
    const message = "A mailing to this person is leaving at this moment.";
    throw new ConflictError("mail_is_leaving", message, "Try again in a minute.");
  }
  await sql`delete from held_bounce where account_id = ${accountId} and subscriber_id = any(${ids}::bigint[])`.execute(
    tx,
  );
  await sql`update mailing_activity a set
      detail = case when a.kind = 'bounce' then split_part(a.detail, ':', 1) || ': ' || ${erasedName}::text end
    from ${recipientsOf(accountId, ids)}
    where a.account_id = r.account_id and a.instance_id = r.instance_id and a.place = r.place and a.detail is not null`.execute(
    tx,
  );
  await sql`update recipient e set email = ${erasedName}, email_key = e.subscriber_id || '@erased', "values" = '{}',
      reply = case when e.state in ('waiting', 'deferred') then 'Left out: erased on request' end,
      bounce_reason = case when e.bounce_reason is not null then ${erasedName} end, must_tell = false,
      state = case when e.state in ('waiting', 'deferred') then 'cancelled' else e.state end, due_at = null
    from ${recipientsOf(accountId, ids)}
    where e.account_id = r.account_id and e.instance_id = r.instance_id and e.place = r.place`.execute(tx);
}
