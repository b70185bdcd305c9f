import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld } from "../../../test/harness/world.ts";
import { newId } from "../../platform/ids.ts";
import { suspendAccount } from "../accounts/change-account.ts";
import { configureBridge } from "../bridges/configure-bridge.ts";
import { findSync } from "./find-syncs.ts";
import { listNightlyRuns, startDueNightlies } from "./nightly.ts";

test("1.5 whoever waits behind a sync that becomes held is told at once, and a dry run goes on", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  for (let index = 0; index < 150; index += 1) own.changePerson(index, { cst_eml_address_dn: "" });
  const first = await own.request("Everybody");
  await world.query(sql`update sync set state = 'reading' where id = ${first.sync.id}`);
  const publish = await own.request("Everybody", { trigger: "publish" });
  const dryRun = await own.request("Everybody", { dryRun: true });
  expect(publish.answer).toBe("queued");
  await own.workAll();
  expect((await findSync(own.ctx, first.sync.id)).state).toBe("held");
  const told = await findSync(own.ctx, publish.sync.id);
  expect([told.state, told.errorKind]).toEqual(["failed", "held"]);
  expect(told.errorMessage).toContain("would remove");
  expect((await findSync(own.ctx, dryRun.sync.id)).state).toBe("succeeded");
});

test("a sync whose process died ten times at the same place fails instead of killing the eleventh", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  const { sync } = await own.request("Everybody");
  await world.query(
    sql`update sync set state = 'reading', attempt = 10, stalled = 9, run_by = ${newId()} where id = ${sync.id}`,
  );
  await own.workAll();
  const failed = await findSync(own.ctx, sync.id);
  expect([failed.state, failed.errorKind]).toEqual(["failed", "internal"]);
  expect(failed.errorMessage).toContain("ended 10 times");
  expect((await own.sync("Everybody")).state).toBe("succeeded");
});

test("a sync that was let go in order, or had read more, has not stood still", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  for (const [stood, rows] of [
    [null, 0],
    [newId(), 7],
  ] as const) {
    const { sync } = await own.request("Everybody");
    await world.query(
      sql`update sync set state = 'reading', attempt = 10, stalled = 9, rows_read = ${rows}, run_by = ${stood} where id = ${sync.id}`,
    );
    await own.workAll();
    expect((await findSync(own.ctx, sync.id)).state).toBe("succeeded");
  }
});

test("1.3 nightly switched on in the afternoon begins with the next night, not with the one that has passed", async () => {
  const world = await createWorld({ startsAt: "2030-03-04T01:00:00Z" });
  const { own, clock, ctx } = world;
  await own.listSync();
  await configureBridge(own.ctx, { nightlyIsOn: false });
  clock.advance({ hours: 14 });
  await configureBridge(own.ctx, { nightlyIsOn: true });
  await startDueNightlies(ctx);
  expect(await listNightlyRuns(own.ctx, { limit: 5 })).toEqual([]);
  clock.advance({ hours: 11, minutes: 59 });
  await startDueNightlies(ctx);
  expect(await listNightlyRuns(own.ctx, { limit: 5 })).toEqual([]);
  clock.advance({ minutes: 2 });
  await startDueNightlies(ctx);
  expect(await listNightlyRuns(own.ctx, { limit: 5 })).toHaveLength(1);
  await own.workAll();
});

test("nothing is asked of the AMS for a suspended account: what waits fails with the reason", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  const { sync } = await own.request("Everybody");
  await suspendAccount(world.ctx, own.ctx.accountId, true, "test");
  await own.workAll();
  const failed = await findSync(own.ctx, sync.id);
  expect(failed.state).toBe("failed");
  expect(failed.errorMessage).toContain("suspended");
});
