import { expect, test } from "vitest";
import { type Account, createWorld } from "../../../test/harness/world.ts";
import { createSecretBox } from "../../platform/secrets.ts";
import type { BridgeInput } from "./configure-bridge.ts";
import { configureBridge } from "./configure-bridge.ts";
import { testBridge } from "./test-bridge.ts";

const never = new AbortController().signal;
const needsAttention = async (own: Account) => (await own.bridge()).health.needsAttentionSince !== null;

/** A bridge whose credentials netFORUM Pro has refused. */
async function createRefusedWorld() {
  const world = await createWorld({ connector: { retries: 0 } });
  await world.own.listSync();
  await configureBridge(world.own.ctx, { password: "wrong" });
  await world.own.sync("Board");
  expect(await needsAttention(world.own)).toBe(true);
  return world;
}

const others: readonly BridgeInput[] = [
  { guardPercent: 20 },
  { sessionLimit: 2 },
  { nightlyHour: 5, nightlyIsOn: false },
  { mapping: null },
  { isActive: false },
  { isActive: true },
  { userName: "lockstep" }, // as it is
  { password: "wrong" }, // as it is
  {},
];

test("1.3 refused credentials stay refused, whatever else of the bridge is saved", async () => {
  const { own } = await createRefusedWorld();
  for (const input of others) {
    await configureBridge(own.ctx, input);
    expect(await needsAttention(own), JSON.stringify(input)).toBe(true);
  }
  await expect(own.request("Board")).rejects.toMatchObject({ code: "bridge_needs_attention" });
  expect(own.simulator.state.sessions.badPasswords).toBe(1);
});

test("1.3 another user name, password or address is tried again", async () => {
  const { own } = await createRefusedWorld();
  for (const input of [
    { userName: "somebody" },
    { userName: "lockstep", password: "wrong too" },
    { baseUrl: `${own.simulator.url}/xweb` },
    { password: "demo" },
  ]) {
    await configureBridge(own.ctx, input);
    expect(await needsAttention(own), JSON.stringify(input)).toBe(false);
    const { state } = await own.sync("Board");
    expect(state).toBe(input.password === "demo" ? "succeeded" : "failed");
  }
});

test("1.3 a refusal of credentials that were replaced meanwhile is not held against the new ones", async () => {
  const { own } = await createWorld({ connector: { retries: 0 } });
  await own.listSync();
  await configureBridge(own.ctx, { password: "wrong" });
  own.simulator.state.latencyMs = 500;
  const before = own.simulator.state.callCount;
  const { sync } = await own.request("Board");
  const working = own.work();
  await expect.poll(() => own.simulator.state.callCount).toBeGreaterThan(before);
  await configureBridge(own.ctx, { password: "demo" });
  await working;
  own.simulator.state.latencyMs = 0;
  expect(await own.workUntilEnded(sync.id)).toMatchObject({ state: "failed", errorKind: "credentials" });
  expect(await needsAttention(own)).toBe(false);
  expect(await own.sync("Board")).toMatchObject({ state: "succeeded" });
});

test("6.5 settings that were stored under another secret key say so, wherever they are opened", async () => {
  const { own } = await createWorld();
  await own.listSync();
  const sealed = createSecretBox(Buffer.alloc(32, 9)).seal("demo", own.ctx.accountId);
  await own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    await tx
      .updateTable("bridge" as never)
      .set({ password_sealed: sealed, version: 9 } as never)
      .execute();
  });
  const sentence =
    /^The bridge's password can't be opened: .* encrypted with key [0-9a-f]{8}; this installation has key/;
  const report = await testBridge(own.ctx, never);
  expect(report).toMatchObject({ ok: false, steps: [{ outcome: "failed", message: expect.stringMatching(sentence) }] });
  expect(report.steps[0]?.message).toContain("LOCKSTEP_SECRET_KEY");
  const sync = await own.sync("Board");
  expect(sync).toMatchObject({ state: "failed", errorMessage: expect.stringMatching(sentence) });
  expect(sync.errorMessage).toContain("LOCKSTEP_SECRET_KEY");
  // Entering it again is the way out.
  await configureBridge(own.ctx, { password: "demo" });
  expect(await own.sync("Board")).toMatchObject({ state: "succeeded" });
});
