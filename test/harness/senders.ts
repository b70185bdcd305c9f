import { sql } from "kysely";
import { onTestFinished } from "vitest";
import { unsubscribe } from "../../src/domain/subscribers/change-wish.ts";
import { listWritebacks } from "../../src/domain/writebacks/find-writebacks.ts";
import { sendWritebacks } from "../../src/domain/writebacks/send-writebacks.ts";
import { sweepWritebacks } from "../../src/domain/writebacks/sweep-writebacks.ts";
import type { Writeback } from "../../src/domain/writebacks/writeback.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { type Account, createWorld, type World, type WorldOptions } from "./world.ts";

export const byPerson = { origin: "person", reason: "too many mails" } as const;

/** A world whose people may be written to, and what sends their writebacks by hand. */
export interface Senders extends World {
  /** Ids of people who may be written to. */
  readonly people: readonly number[];
  /** As the worker's sweep and its job do. */
  tick(): Promise<void>;
  unsubscribe(...ids: number[]): Promise<void>;
  keyOf(id: number): Promise<string>;
  /** The person's writebacks, the first decision first. */
  listOf(id: number): Promise<readonly Writeback[]>;
}

export async function createSenders(options: WorldOptions = {}): Promise<Senders> {
  const world = await createWorld(options);
  const { own, clock, query } = world;
  await own.listSync();
  await own.sync("Everybody");
  const rows = await query(
    sql<{ id: number }>`select min(id) as id from subscriber 
    group by email_key having count(*) = 1 and bool_and(standing = 'sendable') order by 1 limit 100`,
  );
  const processId = newId();
  const liveness = await own.ctx.db.holdLiveness();
  await liveness.hold(processId);
  onTestFinished(() => liveness[Symbol.asyncDispose]());
  return {
    ...world,
    people: rows.map(({ id }) => id),
    async tick() {
      await sweepWritebacks(own.ctx, processId);
      await sendWritebacks(own.ctx, (await own.bridge()).id, { signal: new AbortController().signal, processId });
    },
    async unsubscribe(...ids) {
      clock.advance({ seconds: 1 });
      await run(own, (tx) => unsubscribe(tx, own.ctx, ids, byPerson));
    },
    async keyOf(id) {
      const [row] = await query(sql<{ key: string }>`select remote_id as key from subscriber where id = ${id}`);
      return must(row, "they are there").key;
    },
    async listOf(id) {
      const [row] = await query(sql<{ key: string }>`select remote_id as key from subscriber where id = ${id}`);
      return (await listWritebacks(own.ctx, { remoteId: must(row, "they are there").key, limit: 50 })).toReversed();
    },
  };
}

export const run = <T>({ ctx }: Account, work: (tx: Parameters<typeof unsubscribe>[0]) => Promise<T>) =>
  ctx.db.transaction(ctx.accountId, work);

/** What the AMS was told of a person: the flags in order, and how many lines its history has. */
export async function toldOf({ own, keyOf }: Senders, id: number) {
  const key = await keyOf(id);
  const { doNotEmail, activities } = own.simulator.state;
  return {
    flags: doNotEmail.filter((told) => told.key === key).map(({ flag }) => flag),
    lines: (activities.get(key) ?? []).length,
  };
}

export const calls = ({ own }: Senders, operation: string) => own.simulator.state.calls.get(operation) ?? 0;
