import { expect, test } from "vitest";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { requestListSync } from "../../src/domain/syncs/request-sync.ts";
import type { Wait } from "../../src/domain/syncs/sync.ts";
import { testConnection } from "../../src/domain/syncs/test-connection.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { createWorld } from "../harness/world.ts";

/** A listed world, what the API says a sync waits for on its own page, and in the list of groups. */
async function createWaitingWorld() {
  const world = await createWorld({ connector: { retries: 0 } });
  const { own } = world;
  await own.listSync();
  const api = await clientOf(await serveApi(world), own);
  const stateOf = async (id: string) => (await api.get<{ sync: { state: string } }>(`/syncs/${id}`)).sync.state;
  return {
    world,
    own,
    waitsFor: async (id: string) => (await api.get<{ sync: { waitsFor: Wait | null } }>(`/syncs/${id}`)).sync.waitsFor,
    listed: async (name: string) => {
      const { items } = await api.get<{ items: { openSync: { waitsFor: Wait | null } | null }[] }>(
        `/target-groups?search=${name}`,
      );
      return items[0]?.openSync?.waitsFor;
    },
    /** Begins the next sync; the AMS answers it no sooner than it is told to. */
    begin: async (id: string) => {
      await own.ctx.sessions.close();
      own.simulator.state.latencyMs = 1500;
      const ended = own.work();
      await expect.poll(() => stateOf(id)).toBe("reading");
      own.simulator.state.latencyMs = 0;
      return { ended };
    },
  };
}

test("1.4 a sync that nothing keeps waits for its turn; once it began it waits for nothing", async () => {
  const { own, waitsFor, listed } = await createWaitingWorld();
  await own.request("Board");
  const { sync } = await own.request("Everybody");
  const turn = { reason: "turn", syncId: null, until: null };
  expect([await waitsFor(sync.id), await listed("Everybody")]).toEqual([turn, turn]);
  await own.workAll();
  expect(await waitsFor(sync.id)).toBe(null);
});

test("1.4 a sync waits for a session while others have them all, and for the other sync of its own group or list", async () => {
  const { own, waitsFor, listed, begin } = await createWaitingWorld();
  const dry = await own.request("Board", { dryRun: true });
  const first = await begin(dry.sync.id);
  const same = await own.request("Board");
  const { sync } = await own.request("Everybody");
  const other = { reason: "other_sync", syncId: dry.sync.id, until: null };
  const session = { reason: "session", syncId: dry.sync.id, until: null };
  expect([await waitsFor(same.sync.id), await listed("Board")]).toEqual([other, other]);
  expect([await waitsFor(sync.id), await listed("Everybody")]).toEqual([session, session]);
  await configureBridge(own.ctx, { sessionLimit: 2 });
  expect(await waitsFor(sync.id)).toMatchObject({ reason: "turn" });
  expect(await waitsFor(same.sync.id)).toEqual(other);
  await first.ended;
  await own.workAll();
  const list = await requestListSync(own.ctx, { trigger: "api", by: "test" });
  const reading = await begin(list.sync.id);
  const next = await requestListSync(own.ctx, { trigger: "publish", by: "test" });
  expect(await waitsFor(next.sync.id)).toEqual({ ...other, syncId: list.sync.id });
  await reading.ended;
  await own.workAll();
});

test("1.4 a sync waits for a session that no sync has while the connection is tested", async () => {
  const { own, waitsFor } = await createWaitingWorld();
  const { sync } = await own.request("Board");
  own.simulator.state.latencyMs = 400;
  const testing = testConnection(own.ctx, new AbortController().signal);
  await expect.poll(() => waitsFor(sync.id)).toEqual({ reason: "session", syncId: null, until: null });
  own.simulator.state.latencyMs = 0;
  expect(await testing).toMatchObject({ ok: true });
  expect(await waitsFor(sync.id)).toMatchObject({ reason: "turn" });
});

test("1.4 a sync waits for an AMS that didn't answer five times, and says until when", async () => {
  const { world, own, waitsFor, listed } = await createWaitingWorld();
  own.strike("reset");
  for (let failures = 0; failures < 5; failures += 1)
    expect(await own.sync("Board")).toMatchObject({ state: "failed" });
  const until = world.clock.now().add({ minutes: 5 });
  const { sync } = await own.request("Everybody");
  for (const said of [await waitsFor(sync.id), await listed("Everybody")]) {
    expect(said).toMatchObject({ reason: "no_answer", syncId: null });
    expect(Temporal.Instant.from(said?.until ?? "").epochMilliseconds).toBe(until.epochMilliseconds);
  }
});

test("1.3 a sync that waited when the bridge was switched off, or was refused, says so until a worker ends it", async () => {
  const { own, waitsFor, listed } = await createWaitingWorld();
  await configureBridge(own.ctx, { password: "wrong" });
  await own.request("Everybody");
  const { sync } = await own.request("Board");
  await own.work();
  const refused = { reason: "bridge_needs_attention", syncId: null, until: null };
  expect([await waitsFor(sync.id), await listed("Board")]).toEqual([refused, refused]);
  await configureBridge(own.ctx, { isActive: false });
  expect(await waitsFor(sync.id)).toEqual({ reason: "bridge_inactive", syncId: null, until: null });
  await own.workAll();
  expect(await waitsFor(sync.id)).toBe(null);
});

test("1.5 nobody waits behind a held sync: a request is answered with it, and who waited when it was held is told", async () => {
  const { own, listed, begin } = await createWaitingWorld();
  await own.sync("Everybody");
  const job = own.simulator.state.jobs.find(({ name }) => name === "Everybody");
  for (let index = 0; index < 150; index += 1) job?.without?.add(index);
  const { sync } = await own.request("Everybody");
  const reading = await begin(sync.id);
  const behind = await own.request("Everybody", { trigger: "publish" });
  expect(await listed("Everybody")).toBe(null);
  await reading.ended;
  expect(await own.workUntilEnded(behind.sync.id)).toMatchObject({ state: "failed", errorKind: "held" });
  expect(await own.request("Everybody")).toMatchObject({ answer: "held", sync: { id: sync.id, waitsFor: null } });
});
