import { sql } from "kysely";
import { unsubscribe } from "../../src/domain/subscribers/change-wish.ts";
import type { World } from "./world.ts";

/**
 * Some weeks of writebacks: people who are in the AMS are unsubscribed by the one door, and what came of each is
 * written as the sender would have left it. The latest decided still waits.
 * @param people how many have decided something
 */
export async function addWritebacks(world: World, people = 60): Promise<void> {
  const { own, clock } = world;
  const { ctx } = own;
  const found = await world.query<{ id: number }>(
    sql`select min(id) as id from subscriber where account_id = ${ctx.accountId} and remote_id is not null
      group by remote_id order by 1 limit ${people}`,
  );
  const reasons = ["Unsubscribed by the link in 'Advances, October'", "Asked for it by letter", null];
  for (const [place, { id }] of found.entries()) {
    const reason = reasons[place % reasons.length] ?? null;
    await ctx.db.transaction(ctx.accountId, (tx) => unsubscribe(tx, ctx, [id], { origin: "person", reason }));
  }
  const now = clock.now();
  // Spread over a month, the first made first; then each gets its end.
  await world.query(sql`update writeback w set
      decided_at = ${now}::timestamptz - make_interval(mins => (29 * 24 * 60 * (n.count - n.place) / n.count)::int),
      type = case when n.place % 5 = 0 then 'bad_email' else 'unsubscribe' end
    from (select id, row_number() over (order by id) as place, count(*) over () as count from writeback
      where account_id = ${ctx.accountId}) n
    where w.account_id = ${ctx.accountId} and w.id = n.id`);
  await end(
    world,
    sql`true`,
    sql`state = 'sent', tries = 0, ended_at = least(decided_at + interval '7 minutes', ${now}::timestamptz)`,
  );
  await end(
    world,
    sql`n.place % 13 = 6`,
    sql`state = 'failed', tries = 3, ended_at = decided_at + interval '42 minutes', error_kind = 'refused',
      error_message = 'netFORUM Pro refused the call: Individual was not found.',
      error_detail = 'SetIndividualInformation: soap:Client Individual was not found'`,
  );
  await end(world, sql`n.place % 17 = 3`, sql`state = 'withdrawn', tries = 0, ended_at = decided_at`);
  await end(
    world,
    sql`n.place > n.count - 4`,
    sql`state = 'ready', tries = 0, ended_at = null, error_kind = null, error_message = null, error_detail = null,
      due_at = ${now}::timestamptz + interval '6 minutes'`,
  );
  await end(
    world,
    sql`n.place = n.count - 3`,
    sql`tries = 1, error_kind = 'unreachable', error_message = 'netFORUM Pro doesn''t answer.',
      due_at = ${now}::timestamptz + interval '3 minutes'`,
  );
}

/** Writes the end of those that a condition on their place (`n.place` of `n.count`) takes. */
const end = ({ own, query }: World, which: ReturnType<typeof sql>, values: ReturnType<typeof sql>) =>
  query(sql`update writeback w set ${values}
    from (select id, row_number() over (order by id) as place, count(*) over () as count from writeback
      where account_id = ${own.ctx.accountId}) n
    where w.account_id = ${own.ctx.accountId} and w.id = n.id and ${which}`);
