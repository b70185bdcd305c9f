import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { findSync } from "../../src/domain/syncs/find-syncs.ts";
import { isEnded, type Sync, type SyncId } from "../../src/domain/syncs/sync.ts";
import { type Truth, truthOf } from "../harness/truth.ts";
import { startWorkerProcess, type WorkerProcess } from "../harness/worker-process.ts";
import { type Account, createWorld, type World } from "../harness/world.ts";

export const group = "Everybody";
/** People in the group, and rows in one answer of the AMS: a read takes ten answers and is staged in five batches. */
const members = 26_000;
const rowCap = 2600;

/** A world whose group is in step, with workers that are processes of their own; none of them outlives the test. */
export async function createKillWorld(people = members): Promise<World & { start(crashAt?: string): WorkerProcess }> {
  const world = await createWorld({
    // Workers are on the real clock; what happens before them must lie before.
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    simulator: { members: people, rowCap, jobs: [{ name: group, size: people }] },
  });
  await world.own.listSync();
  await world.own.sync(group);
  const started: WorkerProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(started.map((worker) => worker.kill()));
  });
  return {
    ...world,
    start(crashAt) {
      const worker = startWorkerProcess(world.database, crashAt);
      started.push(worker);
      return worker;
    },
  };
}

export async function untilSync(own: Account, id: SyncId, isReached: (sync: Sync) => boolean): Promise<Sync> {
  for (const end = performance.now() + 30_000; performance.now() < end; await wait(20)) {
    const sync = await findSync(own.ctx, id);
    if (isReached(sync)) return sync;
  }
  throw new Error(`sync ${id} did not come so far`);
}

export const untilEnded = (own: Account, id: SyncId) => untilSync(own, id, (sync) => isEnded(sync.state));

/** A day passes in the AMS: some people come, some go, some change. @returns what the group must be then */
export function passADay(own: Account): Truth {
  own.simulator.state.people.day += 1;
  return truthOf(own.simulator, group);
}
