import { sql } from "kysely";
import { expect, test } from "vitest";
import {
  addMailing,
  goOn,
  messagesOf,
  publish,
  publishAndGoOn,
  readyToPublish,
} from "../../../../test/harness/mailings.ts";
import { cancelInstance, confirmGrowth, retryInstance, useLastGood } from "./decide.ts";
import { findInstance } from "./find-instances.ts";

test("4.3 a failed sync is tried again 15 and 30 minutes later, then it is on hold and its owner told", async () => {
  const { own, clock, board, jobs } = await readyToPublish();
  await own.sync("Board");
  own.strike("fault", { operation: "GetQuery" });
  const start = await publishAndGoOn(own, { to: [board] });
  expect(start).toMatchObject({ state: "syncing", syncRound: 1 });
  const failedAt = start.retryAt?.subtract({ minutes: 15 });
  clock.set(start.retryAt?.subtract({ seconds: 1 }) ?? "");
  expect(await goOn(own, start.id)).toMatchObject({ state: "syncing", syncRound: 1 });
  clock.set(start.retryAt ?? "");
  const second = await goOn(own, start.id);
  expect(second).toMatchObject({ state: "syncing", syncRound: 2 });
  expect(second.retryAt?.since(failedAt ?? "").total("minutes")).toBe(30);
  clock.set(second.retryAt ?? "");
  const held = await goOn(own, start.id);
  expect(held).toMatchObject({ state: "on_hold", holdKind: "sync_failed", resumesIn: "syncing" });
  expect(held.holdMessage).toContain("'Board'");
  expect(await jobs("tell-owner-of-hold")).toHaveLength(1);
  own.heal();
  expect(await useLastGood(own.ctx, start.id, {})).toMatchObject({ state: "building", mayUseLastGood: true });
  expect(await goOn(own, start.id)).toMatchObject({ state: "counting_down", audience: 59 });
});

test("4.3 the second try goes on when the AMS is well again; only what failed is synced anew", async () => {
  const { own, clock, board, everybody } = await readyToPublish();
  own.strike("fault", { operation: "GetQuery", times: 1 });
  const start = await publishAndGoOn(own, { to: [board, everybody] });
  if (start.state !== "counting_down") {
    own.heal();
    clock.set(start.retryAt ?? "");
    expect(await goOn(own, start.id)).toMatchObject({ state: "counting_down" });
  }
});

test("4.3 'try again' begins a new series, with two tries more", async () => {
  const { own, clock, board } = await readyToPublish();
  await own.sync("Board");
  own.strike("fault", { operation: "GetQuery" });
  let instance = await publishAndGoOn(own, { to: [board] });
  for (let turn = 0; turn < 2; turn += 1) {
    clock.set(instance.retryAt ?? "");
    instance = await goOn(own, instance.id);
  }
  expect(instance.state).toBe("on_hold");
  await retryInstance(own.ctx, instance.id, { version: instance.version });
  expect(await goOn(own, instance.id)).toMatchObject({ state: "syncing", firstSyncRound: 3, syncRound: 4 });
  own.heal();
  instance = await findInstance(own.ctx, instance.id).then((found) => found.instance);
  clock.set(instance.retryAt ?? "");
  expect(await goOn(own, instance.id)).toMatchObject({ state: "counting_down" });
});

test("4.3 a group that was never counted has no last good audience", async () => {
  const { own, clock, board } = await readyToPublish();
  own.strike("fault", { operation: "GetQuery" });
  let instance = await publishAndGoOn(own, { to: [board] });
  for (let turn = 0; turn < 2; turn += 1) {
    clock.set(instance.retryAt ?? "");
    instance = await goOn(own, instance.id);
  }
  await expect(useLastGood(own.ctx, instance.id, {})).rejects.toMatchObject({ code: "no_last_good" });
});

test("1.5 a held sync stops the publish at once, and says so", async () => {
  const { own, everybody } = await readyToPublish();
  await own.sync("Everybody");
  const [job] = own.simulator.state.jobs;
  if (job) job.size = 100;
  const held = await publishAndGoOn(own, { to: [everybody] });
  expect(held).toMatchObject({ state: "on_hold", holdKind: "sync_held" });
  expect(held.holdMessage).toMatch(/'Everybody': .*Apply or discard it/);
});

test("1.1 a group that is missing in the AMS stops the publish with a clear word", async () => {
  const { own, board } = await readyToPublish();
  const id = await addMailing(own, { to: [board] });
  own.simulator.state.jobs.splice(1, 1);
  await own.listSync();
  const held = await goOn(own, (await publish(own, id)).id);
  expect(held).toMatchObject({ state: "on_hold", holdKind: "sync_failed" });
  expect(held.holdMessage).toContain("'Board' is missing in the AMS");
});

test("4.3 with the bridge switched off its reason stands in the sync's place, and it is tried again", async () => {
  const { own, board } = await readyToPublish();
  await own.ctx.db.transaction(own.ctx.accountId, (tx) => sql`update bridge set is_active = false`.execute(tx));
  const waiting = await publishAndGoOn(own, { to: [board] });
  expect(waiting).toMatchObject({ state: "syncing", syncRound: 1 });
  expect((await messagesOf(own, waiting.id)).at(-1)).toContain("The bridge is switched off");
});

test("1.5 a growth is asked about with both numbers; unattended it goes on hold, and is confirmed there", async () => {
  const { own, everybody, clock } = await readyToPublish({
    simulator: {
      members: 2000,
      jobs: [
        { name: "Everybody", size: 600 },
        { name: "Board", size: 60 },
      ],
    },
  });
  const first = await publishAndGoOn(own, { to: [everybody] });
  clock.advance({ seconds: 61 });
  expect(await goOn(own, first.id)).toMatchObject({ state: "sending" });
  await cancelInstance(own.ctx, first.id, {});
  const [job] = own.simulator.state.jobs;
  if (job) job.size = 1900;
  const another = await addMailing(own, { to: [everybody], name: "Later" });
  const held = await goOn(own, (await publish(own, another)).id);
  expect(held).toMatchObject({ state: "on_hold", holdKind: "growth", resumesIn: "counting_down" });
  expect(held.holdMessage).toContain(`the last publish went to ${first.recipients}`);
  await cancelInstance(own.ctx, held.id, {});
  await expect(publish(own, another)).rejects.toMatchObject({ code: "growth", growth: { people: first.recipients } });
  const confirmed = await goOn(own, (await publish(own, another, { isGrowthConfirmed: true })).id);
  expect(confirmed.state).toBe("counting_down");
  await cancelInstance(own.ctx, confirmed.id, {});
  const onHold = await addMailing(own, { to: [everybody], name: "Third" });
  if (job) job.size = 600;
  await own.ctx.db.transaction(own.ctx.accountId, (tx) => sql`update bridge set guard_percent = 100`.execute(tx));
  await own.sync("Everybody");
  if (job) job.size = 1900;
  const third = await goOn(own, (await publish(own, onHold)).id);
  expect(third.holdKind).toBe("growth");
  expect(await confirmGrowth(own.ctx, third.id, { version: third.version })).toMatchObject({ state: "counting_down" });
});
