import { sql } from "kysely";
import type { AccountContext, Context } from "../context.ts";

/** How many addresses in at least one group could be written to, on a day of the account's calendar. */
export interface AudienceSize {
  readonly date: string;
  readonly sendable: number;
}

const freshHours = 6;

/**
 * Measures the audience of every account whose last figure is six hours old, of another day, or nobody: an account that
 * has just had its first sync shows it at once. Safe to call at any time.
 */
export async function measureAudiences(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  await ctx.db.system(async (tx) => {
    // Addresses in at least one group. The count reads every person: seconds for a million, four times a day.
    await sql`
      insert into audience_size (account_id, local_date, sendable, measured_at)
      select a.id, (${now}::timestamptz at time zone a.time_zone)::date,
        (select count(distinct s.email_key)::int from subscriber s
         where s.account_id = a.id and s.standing = 'sendable' and exists (
           select from membership m where m.account_id = s.account_id and m.subscriber_id = s.id and m.removed_by is null)), ${now}
      from account a
      where a.suspended_at is null and not exists (
        select from audience_size d where d.account_id = a.id
          and d.local_date = (${now}::timestamptz at time zone a.time_zone)::date
          and d.sendable > 0 and d.measured_at > ${now.subtract({ hours: freshHours })})
      on conflict (account_id, local_date) do update set sendable = excluded.sendable, measured_at = excluded.measured_at`.execute(
      tx,
    );
  });
}

/** The audience of the last days, the oldest first. Days on which nothing measured are left out. */
export function listAudienceSizes(ctx: AccountContext, days: number): Promise<readonly AudienceSize[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { rows } = await sql<AudienceSize>`
      select local_date::text as date, sendable from audience_size where account_id = ${ctx.accountId}
      order by local_date desc limit ${days}`.execute(tx);
    return rows.toReversed();
  });
}
