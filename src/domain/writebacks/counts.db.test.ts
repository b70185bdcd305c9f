import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { newId } from "../../platform/ids.ts";
import { foldCounts } from "./count-store.ts";
import { summarizeWritebacks } from "./find-writebacks.ts";
import { sendWritebacksNow } from "./send-now.ts";
import { sendWritebacks } from "./send-writebacks.ts";

/** Four months of writebacks, of which some wait. */
async function createHistory() {
  const world = await createWorld({ timeZone: "Asia/Kathmandu" });
  const { id } = await world.own.bridge();
  await world.query(sql`insert into writeback (account_id, bridge_id, remote_id, type, decided_at, state, due_at, ended_at)
    select ${world.own.ctx.accountId}::uuid, ${id}::uuid, 'k' || n, 'unsubscribe', ${world.clock.now()}::timestamptz - n * interval '97 minutes',
      case when n % 3 = 0 then 'ready' else 'sent' end, ${world.clock.now()}::timestamptz + n * interval '1 minute',
      case when n % 3 = 0 then null else ${world.clock.now()}::timestamptz end from generate_series(0, 1799) n`);
  return world;
}

/** The same, with every writeback looked at. */
async function countAnew({ own, clock, query }: World) {
  const states = async (since: string) => {
    const rows = await query(sql<{ day: string; state: string; n: number }>`
      select (decided_at at time zone 'Asia/Kathmandu')::date as day, state, count(*) as n from writeback
      where account_id = ${own.ctx.accountId} and decided_at >= ${since}::timestamptz group by 1, 2`);
    return rows;
  };
  const today = clock.now().toZonedDateTimeISO("Asia/Kathmandu").toPlainDate();
  const first = today.subtract({ days: 29 }).toZonedDateTime("Asia/Kathmandu").toInstant();
  const all = Map.groupBy(await states("-infinity"), ({ state }) => state);
  const counts = Object.fromEntries([...all].map(([state, rows]) => [state, rows.reduce((sum, { n }) => sum + n, 0)]));
  return { counts, days: await states(first.toString()) };
}

async function expectCounted(world: World) {
  const { counts, days } = await summarizeWritebacks(world.own.ctx);
  const anew = await countAnew(world);
  const present = (each: object) => Object.fromEntries(Object.entries(each).filter(([, n]) => n !== 0));
  expect(present(counts)).toEqual(anew.counts);
  const byDay = days.flatMap(({ day, counts }) =>
    Object.entries(present(counts)).map(([state, n]) => `${day} ${state} ${n}`),
  );
  expect(byDay.toSorted()).toEqual(anew.days.map(({ day, state, n }) => `${day} ${state} ${n}`).toSorted());
}

const fold = ({ own, clock }: World) =>
  own.ctx.db.transaction(own.ctx.accountId, (tx) =>
    foldCounts(tx, own.ctx.accountId, clock.now().subtract({ hours: 24 * 32 })),
  );

const lines = async ({ query }: World) =>
  (await query(sql<{ n: number }>`select count(*) as n from writeback_count`))[0]?.n ?? 0;

test("5.3 writebacks are counted as they stand by the account's days, whatever changed and was folded", async () => {
  const world = await createHistory();
  await expectCounted(world);
  for (const [from, to] of [
    ["ready", "failed"],
    ["failed", "ready"],
    ["ready", "withdrawn"],
  ] as const) {
    for (const part of [0, 1, 2])
      await world.query(sql`update writeback set state = ${to}, error_message = 'refused',
        ended_at = case when ${to} = 'ready' then null else ${world.clock.now()}::timestamptz end
        where state = ${from} and id % 5 = ${part}`);
    await expectCounted(world);
    await fold(world);
    await expectCounted(world);
  }
  const left = await lines(world);
  await fold(world);
  expect(await lines(world), "nothing is left to fold").toBe(left);
  expect(left, "what is older than the picture is a line for each state").toBeLessThan(1000);
});

test("5.3 folded twice at once, nothing is counted twice or lost", async () => {
  const world = await createHistory();
  await world.query(
    sql`update writeback set state = 'failed', error_message = 'refused', ended_at = now() where state = 'ready'`,
  );
  await Promise.all([fold(world), fold(world), fold(world), fold(world)]);
  await expectCounted(world);
});

test("5.3 the next one due is the earliest that waits, and none when none does", async () => {
  const world = await createHistory();
  const { own, query, clock } = world;
  expect((await summarizeWritebacks(own.ctx)).nextDueAt?.toString()).toBe(clock.now().toString());
  await query(sql`update writeback set state = 'sent', ended_at = now() where state = 'ready'`);
  expect((await summarizeWritebacks(own.ctx)).nextDueAt).toBe(null);
});

test("5.3 who sends leaves one line for each state of a slot", async () => {
  const world = await createWorld();
  const { own, query } = world;
  await own.listSync();
  await own.sync("Everybody");
  const { id } = await own.bridge();
  await query(sql`insert into writeback (account_id, bridge_id, remote_id, type, decided_at, state, due_at)
    select account_id, ${id}::uuid, remote_id, 'unsubscribe', ${world.clock.now()}::timestamptz, 'ready', ${world.clock.now()}::timestamptz
    from subscriber where account_id = ${own.ctx.accountId} group by 1, 3 order by 3 limit 100`);
  await sendWritebacksNow(own.ctx);
  await sendWritebacks(own.ctx, id, { signal: new AbortController().signal, processId: newId() });
  expect(await query(sql`select state, change from writeback_count`)).toEqual([{ state: "sent", change: 100 }]);
});
