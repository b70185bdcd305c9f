import { expect, test } from "vitest";
import { type Account, createWorld, type World } from "../../../test/harness/world.ts";
import { configureBridge } from "../bridges/configure-bridge.ts";
import { testBridge } from "../bridges/test-bridge.ts";
import { findSync, listSyncs } from "./find-syncs.ts";
import { requestListSync } from "./request-sync.ts";

/** A listed world whose connector tries once. */
async function createImpatientWorld(): Promise<World> {
  const world = await createWorld({ connector: { retries: 0 } });
  await world.own.listSync();
  world.own.simulator.state.callCount = 0;
  return world;
}

const callsTo = (own: Account) => own.simulator.state.callCount;

test("1.3 an inactive bridge is called by no trigger, and who asks is told so", async () => {
  const { own } = await createImpatientWorld();
  const waiting = await own.request("Board");
  await configureBridge(own.ctx, { isActive: false });
  for (const trigger of ["resync", "publish", "nightly", "api", "cli", "campaign"] as const) {
    await expect(own.request("Board", { trigger })).rejects.toMatchObject({ code: "bridge_inactive" });
  }
  for (const trigger of ["login", "folder_refresh", "bridge_refresh"] as const) {
    await expect(requestListSync(own.ctx, { trigger, by: "Eva" })).rejects.toMatchObject({ code: "bridge_inactive" });
  }
  // What waited ends with the reason instead of waiting for ever.
  await own.work();
  expect(await findSync(own.ctx, waiting.sync.id)).toMatchObject({
    state: "failed",
    errorKind: "refused",
    errorMessage: "The bridge is switched off, so nothing is asked of the AMS.",
  });
  expect(callsTo(own)).toBe(0);
  await configureBridge(own.ctx, { isActive: true });
  expect(await own.sync("Board")).toMatchObject({ state: "succeeded" });
});

test("1.3 refused credentials are final: no trigger tries them again until somebody saves new ones", async () => {
  const { own } = await createImpatientWorld();
  await configureBridge(own.ctx, { password: "wrong" });
  const waiting = [await own.request("Board"), await own.request("Everybody")];
  await own.workAll();
  const ended = await Promise.all(waiting.map(({ sync }) => findSync(own.ctx, sync.id)));
  expect(ended).toMatchObject([
    { state: "failed", errorKind: "credentials" },
    { state: "failed", errorKind: "credentials" },
  ]);
  expect(own.simulator.state.sessions.badPasswords).toBe(1); // 25 would lock the account
  expect((await own.bridge()).health.needsAttentionReason).toBe("netFORUM Pro refused the user name or password.");
  await expect(own.request("Board")).rejects.toMatchObject({ code: "bridge_needs_attention" });
  await own.workAll();
  expect(own.simulator.state.sessions.badPasswords).toBe(1);
  await configureBridge(own.ctx, { password: "demo" });
  expect((await own.bridge()).health.needsAttentionSince).toBeNull();
  expect(await own.sync("Board")).toMatchObject({ state: "succeeded" });
});

test('1.3 a good test of the connection lifts "needs attention", a bad one doesn\'t', async () => {
  const { own } = await createImpatientWorld();
  await own.ctx.sessions.close();
  own.strike("credentials", { operation: "SignOn.Authenticate" });
  await configureBridge(own.ctx, { userName: "lockstep" });
  await own.sync("Board");
  const needsAttention = async () => (await own.bridge()).health.needsAttentionSince !== null;
  expect(await needsAttention()).toBe(true);
  expect(await testBridge(own.ctx, new AbortController().signal)).toMatchObject({ ok: false });
  expect(await needsAttention()).toBe(true);
  own.heal();
  expect(await testBridge(own.ctx, new AbortController().signal)).toMatchObject({ ok: true });
  expect(await needsAttention()).toBe(false);
  expect(await own.sync("Board")).toMatchObject({ state: "succeeded" });
});

test("1.2 after five syncs without an answer the circuit opens; one probes every five minutes", async () => {
  const { own, clock } = await createImpatientWorld();
  await configureBridge(own.ctx, { sessionLimit: 4 });
  own.strike("status", { value: 503 });
  for (let failure = 1; failure <= 5; failure += 1) {
    expect((await own.bridge()).health.probeAt).toBeNull();
    expect(await own.sync("Board")).toMatchObject({ state: "failed", errorKind: "unreachable" });
    expect((await own.bridge()).health.failuresInARow).toBe(failure);
  }
  const opened = clock.now();
  expect((await own.bridge()).health.probeAt).toEqual(opened.add({ minutes: 5 }));
  own.simulator.state.callCount = 0;
  const waiting = [await own.request("Board"), await own.request("Everybody"), await own.request("Nobody")];
  await own.workAll();
  expect(callsTo(own)).toBe(0);
  clock.set(opened.add({ minutes: 5 }).subtract({ seconds: 2 }));
  await own.work(); // a second before
  expect(callsTo(own)).toBe(0);
  await own.work(); // the very instant: one probe, which fails and puts the next off
  expect(await findSync(own.ctx, waiting[0]?.sync.id as never)).toMatchObject({ state: "failed" });
  const calls = callsTo(own);
  expect(calls).toBeGreaterThan(0);
  await own.workAll();
  expect(callsTo(own)).toBe(calls);
  expect((await own.bridge()).health).toMatchObject({ failuresInARow: 6 });
  // The AMS is back: a good probe closes the circuit, and the rest follows.
  own.heal();
  clock.advance({ minutes: 5 });
  await own.workAll();
  expect((await own.bridge()).health).toEqual({
    needsAttentionSince: null,
    needsAttentionReason: null,
    failuresInARow: 0,
    probeAt: null,
  });
  expect(await listSyncs(own.ctx, { states: ["queued"], limit: 10 })).toEqual([]);
});

test("1.2 while the circuit is open, one session probes, however many there may be", async () => {
  const { own, clock } = await createImpatientWorld();
  await configureBridge(own.ctx, { sessionLimit: 4 });
  own.strike("status", { value: 503 });
  for (let failure = 1; failure <= 5; failure += 1) await own.sync("Board");
  own.heal();
  own.simulator.state.latencyMs = 300;
  for (const name of ["Board", "Everybody", "Nobody"]) await own.request(name);
  clock.advance({ minutes: 6 });
  const working = Promise.all([own.work(), own.work(), own.work()]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await listSyncs(own.ctx, { states: ["queued"], limit: 10 })).toHaveLength(2);
  await working;
  own.simulator.state.latencyMs = 0;
  await own.workAll();
  expect(await listSyncs(own.ctx, { states: ["succeeded"], kind: "subscriber", limit: 10 })).toHaveLength(3);
});

test("1.2 an answer that can't be used is an answer: it doesn't count towards the circuit", async () => {
  const { own } = await createImpatientWorld();
  own.strike("status", { value: 503 });
  for (let failure = 1; failure <= 4; failure += 1) await own.sync("Board");
  own.strike("html");
  await own.sync("Board");
  expect((await own.bridge()).health.failuresInARow).toBe(0);
  own.strike("status", { value: 503 });
  await own.sync("Board");
  expect((await own.bridge()).health).toMatchObject({ failuresInARow: 1, probeAt: null });
});

test("1.2 after a failure the group keeps its last good result, and says that something went wrong", async () => {
  const { own } = await createImpatientWorld();
  const good = await own.sync("Board");
  own.strike("status", { value: 503 });
  await own.sync("Board");
  expect(await own.group("Board")).toMatchObject({ countState: "error", countedAt: good.finishedAt });
  expect((await own.group("Board")).counts.sendable).toBe(good.sendable);
  await own.sync("Board", { dryRun: true }); // a dry run's failure is nobody's state
  own.heal();
  await own.sync("Board");
  expect((await own.group("Board")).countState).toBe("counted");
});
