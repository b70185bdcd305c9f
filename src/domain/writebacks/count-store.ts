import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { type WritebackState, writebackStates } from "./writeback.ts";

export type StateCounts = Readonly<Record<WritebackState, number>>;

/** A trigger on the table keeps `writeback_count`: a million writebacks are some thousand lines of it. */
const countColumns = sql.join(
  writebackStates.map((state) => sql`coalesce(sum(change) filter (where state = ${state}), 0) as ${sql.ref(state)}`),
);

/** How many there are in each state, and when the next one that waits is due: the bridge's first of `writeback_due`. */
export async function selectCounts(
  tx: Tx,
  account: AccountId,
): Promise<{ readonly counts: StateCounts; readonly nextDueAt: Temporal.Instant | null }> {
  const { rows } = await sql<Record<WritebackState, number> & { nextDueAt: Temporal.Instant | null }>`
    select ${countColumns}, (
      select min(first.due_at) from bridge b cross join lateral (
        select w.due_at from writeback w where w.account_id = ${account} and w.bridge_id = b.id and w.state = 'ready'
        order by w.due_at limit 1) first
      where b.account_id = ${account}) as "nextDueAt"
    from writeback_count where account_id = ${account}`.execute(tx);
  const { nextDueAt = null, ...counts } = rows[0] ?? { ...noCounts, nextDueAt: null };
  return { counts, nextDueAt };
}

const noCounts = Object.fromEntries(writebackStates.map((state) => [state, 0])) as Record<WritebackState, number>;

/** How many were decided on each of the last days of the account's calendar, by how they stand now; days of none, too. */
export async function selectDays(
  tx: Tx,
  account: AccountId,
  today: Temporal.PlainDate,
  days: number,
  timeZone: string,
): Promise<readonly { readonly day: string; readonly counts: StateCounts }[]> {
  const first = today.subtract({ days: days - 1 });
  const since = first.toZonedDateTime({ timeZone }).toInstant();
  const { rows } = await sql<Record<WritebackState, number> & { day: string }>`
    select (slot at time zone ${timeZone})::date as day, ${countColumns}
    from writeback_count where account_id = ${account} and slot >= ${since} group by 1`.execute(tx);
  const found = new Map(rows.map(({ day, ...counts }) => [day, counts]));
  return Array.from({ length: days }, (_, at) => {
    const day = first.add({ days: at }).toString();
    return { day, counts: found.get(day) ?? noCounts };
  });
}

/**
 * Makes one line of the many that changes left of each slot and state, and of all slots before an instant. Others may do
 * the same meanwhile: each sums what it takes out itself.
 */
export async function foldCounts(tx: Tx, account: AccountId, before: Temporal.Instant): Promise<void> {
  const kept = sql`case when slot < ${before} then '-infinity' else slot end`;
  await sql`
    with several as materialized (
      select ${kept} as slot, state from writeback_count where account_id = ${account} group by 1, 2 having count(*) > 1),
    taken as (
      delete from writeback_count where account_id = ${account} and (${kept}, state) in (select slot, state from several)
      returning ${kept} as slot, state, change)
    insert into writeback_count (account_id, slot, state, change)
    select ${account}::uuid, slot, state, sum(change) from taken group by slot, state having sum(change) <> 0`.execute(
    tx,
  );
}
