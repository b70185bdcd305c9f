import { sql } from "kysely";
import { expect, test } from "vitest";
import { calls, createSenders, toldOf } from "../../../test/harness/senders.ts";
import type { Account } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { configureBridge } from "../bridges/configure-bridge.ts";
import { testBridge } from "../bridges/test-bridge.ts";
import { addWebhook } from "../webhooks/change-webhooks.ts";
import { listWritebacks, summarizeWritebacks } from "../writebacks/find-writebacks.ts";
import { retryWriteback, retryWritebacks, sendWritebacksNow } from "../writebacks/send-now.ts";
import { resubscribePerson } from "./change-person-wish.ts";

test("5.2 refused twice it is tried again, the third time it has failed, with the reason and Retry", async () => {
  const world = await createSenders({ startsAt: "2030-03-04T09:00:30Z" });
  const { own, people, tick, clock } = world;
  const [id = 0, other = 0] = people;
  await addWebhook(own.ctx, { url: "https://example.org/", events: ["writeback.failed"] });
  await world.unsubscribe(id);
  own.strike("fault", { operation: "SetIndividualInformation", text: "The record is locked by another user." });
  const times: string[] = [];
  for (const tries of [1, 2, 3]) {
    const [before] = await world.listOf(id);
    clock.set(must(before, "queued").dueAt.subtract({ seconds: 1 }));
    await tick();
    expect((await world.listOf(id))[0]?.tries).toBe(tries - 1);
    clock.set(must(before, "queued").dueAt);
    times.push(clock.now().toString());
    await tick();
    expect((await world.listOf(id))[0]).toMatchObject({
      tries,
      state: tries === 3 ? "failed" : "ready",
      errorKind: "refused",
      errorMessage: expect.stringMatching(/record is locked/),
    });
  }
  const told = await world.query(sql<{ type: string; data: unknown }>`select type, data from told_event`);
  expect(told).toMatchObject([{ type: "writeback.failed", data: { type: "unsubscribe" } }]);
  expect(times).toEqual(["2030-03-04T09:10:00Z", "2030-03-04T09:20:00Z", "2030-03-04T09:50:00Z"]);
  clock.advance({ hours: 5 });
  await tick();
  expect(calls(world, "SetIndividualInformation")).toBe(3);
  own.heal();
  await world.unsubscribe(other);
  const [failed, fresh] = [(await world.listOf(id))[0], (await world.listOf(other))[0]];
  expect(await retryWriteback(own.ctx, must(failed, "there").id)).toMatchObject({ state: "ready", tries: 0 });
  await expect(retryWriteback(own.ctx, must(fresh, "there").id)).rejects.toMatchObject({ code: "not_failed" });
  await tick();
  expect(await world.listOf(id)).toMatchObject([{ state: "sent", errorMessage: null }]);
  expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
  const audit = await world.query(
    sql<{ action: string }>`select action from audit_entry where action like 'writeback%'`,
  );
  expect(audit).toEqual([{ action: "writebacks.retry" }]);
});

test("5.2 many that failed are tried again, or all; whose later decision came goes by that one", async () => {
  const world = await createSenders();
  const { own, people, tick, clock } = world;
  const [a = 0, b = 0, c = 0, d = 0] = people;
  await world.unsubscribe(a, b, c, d);
  own.strike("fault", { operation: "SetIndividualInformation", text: "no" });
  for (const hours of [1, 1, 1]) {
    clock.advance({ hours });
    await tick();
  }
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ failed: 4, ready: 0 });
  await resubscribePerson(own.ctx, d, "by phone");
  const idOf = async (id: number) => must((await world.listOf(id))[0], "there").id;
  expect(await retryWritebacks(own.ctx, [await idOf(a), await idOf(d)])).toBe(1);
  expect(await retryWritebacks(own.ctx, null)).toBe(2);
  expect(await retryWritebacks(own.ctx, null)).toBe(0);
  own.heal();
  await tick();
  clock.advance({ minutes: 10 });
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 4, superseded: 1, failed: 0 });
  expect((await toldOf(world, d)).flags, "no flag of ours to lift").toEqual([]);
});

test("5.2 in order for each person: a later one waits for the one under way, and takes the place of one that fails", async () => {
  const world = await createSenders();
  const { own, people, tick, clock, query } = world;
  const [id = 0, other = 0] = people;
  await world.unsubscribe(id, other);
  await sendWritebacksNow(own.ctx);
  own.simulator.state.latencyMs = 1500;
  own.strike("fault", { operation: "SetIndividualInformation", text: "no", times: 1 });
  const ticking = tick();
  await expect.poll(() => calls(world, "SetIndividualInformation"), { interval: 2 }).toBeGreaterThan(0);
  for (const who of [id, other]) await resubscribePerson(own.ctx, who, "by phone");
  const under = await query(sql<{ state: string; type: string }>`select type, state from writeback order by id`);
  expect(under.filter(({ type }) => type === "resubscribe").map(({ state }) => state)).toEqual(["ready", "ready"]);
  expect(under.map(({ state }) => state)).toContain("processing");
  await ticking;
  own.simulator.state.latencyMs = 0;
  clock.advance({ minutes: 10 });
  await tick();
  const flags = [(await toldOf(world, id)).flags, (await toldOf(world, other)).flags].toSorted(
    (l, r) => l.length - r.length,
  );
  expect(flags).toEqual([["0"], ["1", "0"]]);
  const states = [...(await world.listOf(id)), ...(await world.listOf(other))].map(({ state }) => state);
  expect(states.toSorted()).toEqual(["sent", "sent", "sent", "superseded"]);
});

test("5.2 refused credentials stop the queue: the bridge needs attention, nothing is lost, and it goes on when mended", async () => {
  const world = await createSenders();
  const { own, people, tick, clock } = world;
  await world.unsubscribe(...people.slice(0, 60));
  clock.advance({ minutes: 10 });
  own.simulator.state.sessions.expireAll();
  own.strike("credentials", { operation: "SignOn.Authenticate" });
  const before = calls(world, "SignOn.Authenticate");
  await tick();
  // One for each of two sessions at most: 25 refusals lock the account.
  expect(calls(world, "SignOn.Authenticate") - before).toBeLessThanOrEqual(2);
  expect((await own.bridge()).health.needsAttentionSince).not.toBeNull();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ ready: 60, failed: 0, processing: 0 });
  clock.advance({ hours: 12 });
  await tick();
  expect(calls(world, "SignOn.Authenticate") - before).toBeLessThanOrEqual(2);
  await expect(sendWritebacksNow(own.ctx)).rejects.toMatchObject({ code: "bridge_needs_attention" });
  own.heal();
  expect(await testBridge(own.ctx, new AbortController().signal)).toMatchObject({ ok: true });
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 60 });
  expect(own.simulator.state.doNotEmail).toHaveLength(60);
});

test("5.2 an AMS that is away counts as no try; the circuit opens, one probe finds it back", async () => {
  const world = await createSenders();
  const { own, people, tick, clock } = world;
  await world.unsubscribe(...people.slice(0, 30));
  clock.advance({ minutes: 10 });
  own.strike("status", { value: 503 });
  for (let turn = 0; turn < 5; turn += 1) {
    await tick();
    clock.advance({ minutes: 1 });
  }
  const { probeAt, failuresInARow } = (await own.bridge()).health;
  expect(failuresInARow).toBeGreaterThanOrEqual(5);
  const sent = calls(world, "SignOn.Authenticate");
  await tick();
  expect(calls(world, "SignOn.Authenticate")).toBe(sent);
  const all = await listWritebacks(own.ctx, { limit: 50 });
  expect(all.every(({ state, tries }) => state === "ready" && tries === 0)).toBe(true);
  clock.set(must(probeAt, "it is open").add({ minutes: 10 }));
  own.heal();
  await tick();
  expect((await own.bridge()).health.failuresInARow).toBe(0);
  clock.advance({ minutes: 10 });
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 30 });
});

test("5.2 an answer that was lost behind the change: the AMS is asked, and the change is not made twice", async () => {
  const world = await createSenders();
  const { own, people, tick, clock } = world;
  const [flag = 0, history = 0] = people;
  for (const [id, operation] of [
    [flag, "SetIndividualInformation"],
    [history, "NewHistoricalActivity"],
  ] as const) {
    await world.unsubscribe(id);
    await sendWritebacksNow(own.ctx);
    own.strike("reset", { operation, times: 1 });
    await tick();
    expect((await world.listOf(id))[0]).toMatchObject({ state: "ready", tries: 0, errorKind: "unreachable" });
    clock.advance({ seconds: 15 });
    await tick();
    expect((await world.listOf(id))[0]).toMatchObject({ state: "sent" });
    expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
  }
});

test("1.3 a bridge that is switched off and a suspended account send nothing; what was decided waits", async () => {
  const world = await createSenders();
  const { own, people, tick, clock, query } = world;
  await configureBridge(own.ctx, { isActive: false });
  await world.unsubscribe(...people.slice(0, 3));
  clock.advance({ minutes: 10 });
  const before = own.simulator.state.callCount;
  await tick();
  await configureBridge(own.ctx, { isActive: true });
  await query(sql`update account set suspended_at = now()`);
  await tick();
  expect(own.simulator.state.callCount).toBe(before);
  await query(sql`update account set suspended_at = null`);
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 3 });
});

test("1.4 sessions are shared with syncs: never more than the bridge's limit, and each gets its part", async () => {
  const world = await createSenders({ bridge: { sessionLimit: 2 } });
  const { own, people, tick, clock } = world;
  await world.unsubscribe(...people);
  clock.advance({ minutes: 10 });
  own.simulator.state.latencyMs = 30;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, own.simulator.state.sessions.active);
  }, 1);
  const requested = [await own.request("Everybody"), await own.request("Board"), await own.request("Nobody")];
  // The writebacks leave one of two sessions to the syncs that wait, and take it when those are through.
  await Promise.all([tick(), own.workAll()]);
  await tick();
  clearInterval(watch);
  expect(most).toBeLessThanOrEqual(2);
  for (const { sync } of requested) expect(await own.workUntilEnded(sync.id)).toMatchObject({ state: "succeeded" });
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: people.length });
  expect(await world.query(sql`select from bridge_session`)).toEqual([]);
});

test("1.4 of a bridge's only session, syncs leave a turn to writebacks that are overdue and ask; to nobody else", async () => {
  const world = await createSenders({ bridge: { sessionLimit: 1 } });
  const { own, people, tick, clock } = world;
  await world.unsubscribe(...people.slice(0, 5));
  clock.advance({ minutes: 40 });
  own.simulator.state.latencyMs = 100;
  const first = await own.request("Everybody");
  const before = own.simulator.state.callCount;
  const running = own.work();
  await expect.poll(() => own.simulator.state.callCount).toBeGreaterThan(before);
  await tick();
  await running;
  expect(await own.workUntilEnded(first.sync.id)).toMatchObject({ state: "succeeded" });
  const second = await own.request("Board");
  await own.work();
  expect((await findSync(own, second.sync.id)).state, "a turn is left").toBe("queued");
  // Nobody sends any more (a copy that waits, no worker): nothing is kept for them.
  clock.advance({ minutes: 1 });
  await own.work();
  expect((await findSync(own, second.sync.id)).state).toBe("succeeded");
  await own.request("Board");
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 5 });
});

async function findSync(own: Account, id: string) {
  const [row] = await own.ctx.db.system(
    async (tx) => (await sql<{ state: string }>`select state from sync where id = ${id}`.execute(tx)).rows,
  );
  return must(row, "the sync is there");
}
