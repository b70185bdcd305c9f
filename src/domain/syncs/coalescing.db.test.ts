import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { expectInStep, snapshot } from "../../../test/harness/truth.ts";
import { type Account, createWorld, type World, type WorldOptions } from "../../../test/harness/world.ts";
import { cancelSync } from "./decide-sync.ts";
import { findSync, findSyncStory, listSyncs } from "./find-syncs.ts";
import { requestListSync, requestSubscriberSync } from "./request-sync.ts";
import type { SyncId, SyncState } from "./sync.ts";

const names = ["A", "B", "C", "D"];

/** Four small groups behind an AMS that takes a moment for each call. */
async function createSlowWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({
    ...options,
    simulator: { jobs: names.map((name, at) => ({ name, size: 20 + at })), ...options.simulator },
  });
  await world.own.listSync();
  world.own.simulator.state.latencyMs = 150;
  return world;
}

async function untilState(own: Account, id: SyncId, state: SyncState): Promise<void> {
  for (let turn = 0; turn < 1000; turn += 1) {
    if ((await findSync(own.ctx, id)).state === state) return;
    await wait(5);
  }
  throw new Error(`the sync did not come to be ${state}`);
}

async function countRunning(own: Account): Promise<number> {
  return (await listSyncs(own.ctx, { states: ["reading"], limit: 100 })).length;
}

test("1.4 five requests at once for one group make one sync, and each is recorded", async () => {
  const { own } = await createSlowWorld();
  const { id } = await own.group("A");
  const answers = await Promise.all(
    (["resync", "api", "cli", "publish", "nightly"] as const).map((trigger) =>
      requestSubscriberSync(own.ctx, id, { trigger, by: `by ${trigger}` }),
    ),
  );
  expect(new Set(answers.map(({ sync }) => sync.id)).size).toBe(1);
  expect(answers.filter(({ answer }) => answer === "queued")).toHaveLength(1);
  const { sync, requests } = await findSyncStory(own.ctx, answers[0]?.sync.id as SyncId);
  expect(sync.priority).toBe(10); // as urgent as the publish that waits for it
  expect(requests.map(({ trigger }) => trigger).sort()).toEqual(["api", "cli", "nightly", "publish", "resync"]);
  expect(requests.filter(({ joined }) => !joined)).toHaveLength(1);
  await own.workAll();
  expect(await listSyncs(own.ctx, { kind: "subscriber", limit: 10 })).toMatchObject([{ state: "succeeded" }]);
});

test("1.4 two requests at once for the list make one list sync", async () => {
  const { own } = await createSlowWorld();
  const answers = await Promise.all(
    (["login", "folder_refresh"] as const).map((trigger) => requestListSync(own.ctx, { trigger, by: "somebody" })),
  );
  expect(answers.map(({ answer }) => answer).sort()).toEqual(["joined", "queued"]);
  await own.workAll();
});

test("1.4 a resync joins the sync that runs; a publish could miss something and gets the next run", async () => {
  const { own } = await createSlowWorld();
  const first = await own.request("A");
  const running = own.work();
  await untilState(own, first.sync.id, "reading");
  expect(await own.request("A", { trigger: "resync" })).toMatchObject({
    answer: "joined",
    sync: { id: first.sync.id },
  });
  expect(await own.request("A", { trigger: "nightly" })).toMatchObject({ answer: "joined" });
  const publish = await own.request("A", { trigger: "publish" });
  expect(publish.answer).toBe("queued");
  expect(await own.request("A", { trigger: "publish" })).toMatchObject({
    answer: "joined",
    sync: { id: publish.sync.id },
  });
  expect(await own.request("A", { trigger: "resync" })).toMatchObject({
    answer: "joined",
    sync: { id: publish.sync.id },
  });
  await own.work(); // nobody takes it while the first reads the same group
  expect(await findSync(own.ctx, publish.sync.id)).toMatchObject({ state: "queued" });
  await running;
  const [one, two] = [await findSync(own.ctx, first.sync.id), await own.workUntilEnded(publish.sync.id)];
  expect([one.state, two.state]).toEqual(["succeeded", "succeeded"]);
});

test("1.9 a dry run and a sync of one group don't join each other", async () => {
  const { own } = await createSlowWorld();
  const real = await own.request("A");
  const dry = await own.request("A", { dryRun: true });
  expect([real.answer, dry.answer]).toEqual(["queued", "queued"]);
  expect(await own.request("A", { dryRun: true })).toMatchObject({ answer: "joined", sync: { id: dry.sync.id } });
  await own.workAll();
});

test("1.4 publish goes before resync, resync before nightly, and equals in the order they came", async () => {
  const { own } = await createSlowWorld();
  own.simulator.state.latencyMs = 0;
  await own.request("A", { trigger: "nightly" });
  await own.request("B", { trigger: "resync" });
  await own.request("C", { trigger: "publish" });
  await own.request("D", { trigger: "resync" });
  await own.workAll();
  const syncs = await listSyncs(own.ctx, { kind: "subscriber", limit: 10 });
  const order = [...syncs].sort((a, b) => String(a.startedAt).localeCompare(String(b.startedAt)));
  expect(order.map(({ groupName }) => groupName)).toEqual(["C", "B", "D", "A"]);
});

test("1.4 a publish that joins a waiting nightly sync brings it to the front", async () => {
  const { own } = await createSlowWorld();
  own.simulator.state.latencyMs = 0;
  await own.request("B", { trigger: "resync" });
  const nightly = await own.request("A", { trigger: "nightly" });
  expect(await own.request("A", { trigger: "publish" })).toMatchObject({
    answer: "joined",
    sync: { id: nightly.sync.id },
  });
  await own.work();
  expect(await findSync(own.ctx, nightly.sync.id)).toMatchObject({ state: "succeeded" });
  await own.workAll();
});

test.each([1, 2, 3])("1.4 a bridge with a limit of %i sessions never uses more", async (sessionLimit) => {
  const { own } = await createSlowWorld({ bridge: { sessionLimit } });
  for (const name of names) await own.request(name);
  const signedOn = own.simulator.state.sessions.signOns;
  const working = Promise.all(Array.from({ length: 6 }, () => own.work()));
  let most = 0;
  let isDone = false;
  void working.then(() => {
    isDone = true;
  });
  while (!isDone) {
    most = Math.max(most, await countRunning(own));
    await wait(10);
  }
  await working;
  expect(most).toBe(sessionLimit);
  await own.workAll();
  expect(await listSyncs(own.ctx, { kind: "subscriber", states: ["succeeded"], limit: 10 })).toHaveLength(4);
  // A session is kept for the next sync: no more sign-ons than sessions.
  expect(own.simulator.state.sessions.signOns - signedOn).toBeLessThanOrEqual(sessionLimit);
  for (const name of names) await expectInStep(own, name);
});

test("1.4 cancels a sync that waits at once, without a call to the AMS", async () => {
  const { own } = await createSlowWorld();
  const { sync } = await own.request("A");
  own.simulator.state.callCount = 0;
  const cancelled = await cancelSync({ ...own.ctx, actor: "Eva" }, sync.id);
  expect(cancelled).toMatchObject({ state: "cancelled", cancelRequestedBy: "Eva", attempt: 0 });
  await own.workAll();
  expect(own.simulator.state.callCount).toBe(0);
  await expect(cancelSync(own.ctx, sync.id)).rejects.toMatchObject({ code: "sync_ended" });
  expect((await own.group("A")).countState).toBe("not_yet_counted");
});

test("1.2 cancels a sync that runs within seconds, and nothing of the group changes", async () => {
  const { own, query } = await createSlowWorld({ simulator: { rowCap: 2 } });
  own.simulator.state.latencyMs = 0;
  await own.sync("A");
  own.simulator.state.people.day += 60;
  own.simulator.state.latencyMs = 400; // eleven pages: four seconds
  const before = await snapshot(own);
  const { sync } = await own.request("A");
  const running = own.work();
  await untilState(own, sync.id, "reading");
  expect(await cancelSync(own.ctx, sync.id)).toMatchObject({ state: "reading", cancelRequestedBy: "test" });
  // Who asks now must not get the one that is on its way out.
  const next = await own.request("A");
  expect(next.answer).toBe("queued");
  await running;
  expect(await findSync(own.ctx, sync.id)).toMatchObject({ state: "cancelled", added: 0 });
  expect(await snapshot(own)).toEqual(before);
  expect(await query(sql`select 1 from pg_tables where schemaname = 'staging'`)).toEqual([]);
  own.simulator.state.latencyMs = 0;
  expect(await own.workUntilEnded(next.sync.id)).toMatchObject({ state: "succeeded" });
  await expectInStep(own, "A");
});

test("1.3 each sync tells its story: who asked, when it began, what it came to", async () => {
  const { own } = await createSlowWorld();
  const { id } = await own.sync("A", { trigger: "cli" });
  const { sync, events, requests } = await findSyncStory(own.ctx, id);
  expect(sync).toMatchObject({ trigger: "cli", requestedBy: "test" });
  expect(events.map(({ state }) => state)).toEqual(["queued", "succeeded"]);
  expect(events.at(-1)?.message).toMatch(/^Done: \+\d+ −0 ~0$/);
  expect(requests).toMatchObject([{ trigger: "cli", joined: false }]);
});
