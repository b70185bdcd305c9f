import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { findSync } from "../../src/domain/syncs/find-syncs.ts";
import { isEnded, type SyncId } from "../../src/domain/syncs/sync.ts";
import { checkInvariants } from "../harness/invariants.ts";
import { expectInStep, membersOf } from "../harness/truth.ts";
import { createKillWorld, group, passADay, untilEnded } from "./kill-world.ts";

test("1.2 forty kills at random moments, two processes at work: no row lost, no group of two reads", {
  timeout: 180_000,
}, async () => {
  const { own, start, ctx } = await createKillWorld();
  own.simulator.state.latencyMs = 20;
  let good = await membersOf(own, group);
  let coming = good;
  let open: SyncId | undefined;
  const workers = [start(), start()];
  let succeeded = 0;
  for (let kill = 0; kill < 40; kill += 1) {
    if (open === undefined || isEnded((await findSync(own.ctx, open)).state)) {
      if (open !== undefined) {
        expect(await findSync(own.ctx, open)).toMatchObject({ state: "succeeded" });
        succeeded += 1;
      }
      good = await membersOf(own, group);
      coming = passADay(own).members;
      open = (await own.request(group)).sync.id;
    }
    // Now and then nobody is killed for a while, or on a slow machine no sync would ever come to its end.
    if (kill % 10 === 9) await untilEnded(own, open);
    await wait(Math.random() * 2000);
    const victim = kill % 2;
    await workers[victim]?.kill();
    const now = await membersOf(own, group);
    expect([good, coming]).toContainEqual(now);
    workers[victim] = start();
  }
  expect(await untilEnded(own, open as SyncId)).toMatchObject({ state: "succeeded" });
  expect(succeeded).toBeGreaterThan(2);
  await expectInStep(own, group);
  await Promise.all(workers.map((worker) => worker.stop()));
  await checkInvariants(ctx);
});
