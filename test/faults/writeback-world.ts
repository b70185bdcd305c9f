import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { expect, onTestFinished } from "vitest";
import { findPerson, textOf } from "../../simulator/people.ts";
import { resubscribe, unsubscribe } from "../../src/domain/subscribers/change-wish.ts";
import { sendWritebacksNow } from "../../src/domain/writebacks/send-now.ts";
import { startWorkerProcess, type WorkerProcess } from "../harness/worker-process.ts";
import { createWorld, type World } from "../harness/world.ts";

export interface WritebackWorld extends World {
  readonly keys: readonly string[];
  start(crashAt?: string): WorkerProcess;
  /** Decides about everybody, due at once. */
  decide(): Promise<void>;
  /** An administrator takes some back, who were decided about before. */
  takeBack(from: number, to: number): Promise<void>;
  counts(): Promise<Readonly<Record<string, number>>>;
}

/** People whose unsubscribes are sent by workers that are processes of their own, to an AMS that outlives them. */
export async function createWritebackWorld(people: number, sessionLimit = 2): Promise<WritebackWorld> {
  const world = await createWorld({
    // Workers are on the real clock; what happens before them must lie before, a tick at least.
    startsAt: new Date(Date.now() - 20 * 60_000).toISOString(),
    bridge: { sessionLimit },
    simulator: { members: people * 2, jobs: [{ name: "Everybody", size: people * 2 }] },
  });
  const { own, query } = world;
  await own.listSync();
  await own.sync("Everybody");
  const chosen = await query(sql<{
    id: number;
    key: string;
  }>`select min(id) as id, min(remote_id) as key from subscriber
    group by email_key having count(*) = 1 and bool_and(standing = 'sendable') order by 1 limit ${people}`);
  expect(chosen).toHaveLength(people);
  const started: WorkerProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(started.map((worker) => worker.kill()));
  });
  return {
    ...world,
    keys: chosen.map(({ key }) => key),
    start(crashAt) {
      const worker = startWorkerProcess(world.database, crashAt);
      started.push(worker);
      return worker;
    },
    async decide() {
      const ids = chosen.map(({ id }) => id);
      for (let at = 0; at < ids.length; at += 5000)
        await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
          unsubscribe(tx, own.ctx, ids.slice(at, at + 5000), { origin: "person", reason: "too many mails" }),
        );
    },
    async takeBack(from, to) {
      const ids = chosen.slice(from, to).map(({ id }) => id);
      await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
        resubscribe(tx, own.ctx, ids, { origin: "administrator", reason: "by phone" }),
      );
    },
    async counts() {
      const rows = await query(
        sql<{ state: string; n: number }>`select state, count(*) as n from writeback group by state`,
      );
      return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
    },
  };
}

/** What was refused, or waits for the next tick, is tried at once: nobody waits for the clock. */
export async function untilAllSent(world: WritebackWorld, seconds = 60): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await wait(500)) {
    const { ready = 0, processing = 0 } = await world.counts();
    if (ready + processing === 0) return;
    if (processing === 0) await sendWritebacksNow(world.own.ctx);
  }
  throw new Error(`not sent: ${JSON.stringify(await world.counts())}`);
}

/**
 * Judges by the AMS's own book: each decision was made there once at most and in the order of the decisions, its line
 * stands in the history once, and the last word is the AMS's, too. (reliability P12)
 */
export async function expectOnceEach({ own, keys, query }: WritebackWorld): Promise<void> {
  const decisions = await query(sql<{ key: string; flags: string[]; sent: number }>`
    select remote_id as key, array_agg(case type when 'resubscribe' then '0' else '1' end order by id) as flags,
      count(*) filter (where state = 'sent') as sent
    from writeback group by remote_id`);
  const { doNotEmail, activities, people } = own.simulator.state;
  const told = Map.groupBy(doNotEmail, ({ key }) => key);
  const wrong = decisions.filter(({ key, flags, sent }) => {
    const set = (told.get(key) ?? []).map(({ flag }) => flag);
    const lines = activities.get(key)?.length ?? 0;
    // Who has a single decision has it set by it; of two, the first may have been superseded before it began.
    const isOnceEach = flags.length === 1 ? set.length === 1 && lines === 1 : isPartOf(set, flags);
    const stands = textOf(people, findPerson(people, key), "cst_no_email_flag");
    return !(isOnceEach && stands === flags.at(-1) && lines >= sent && lines <= flags.length);
  });
  expect(wrong.map(({ key, flags }) => [key, flags, told.get(key), activities.get(key)])).toEqual([]);
  expect(decisions.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
}

/** Whether a list is another with some left out. */
function isPartOf(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const each of whole) if (each === part[at]) at += 1;
  return at === part.length;
}
