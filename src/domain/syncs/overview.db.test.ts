import { expect, test } from "vitest";
import { createWorld } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { measureAudiences } from "../subscribers/audience-size.ts";
import { goOnWithNightly, startNightly } from "./nightly.ts";
import { findOverview } from "./overview.ts";

test("Home says what requires attention, what runs and waits, how fresh the groups are, and what the night did", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  expect((await findOverview(own.ctx)).freshness).toEqual({ hour: 0, day: 0, week: 0, older: 0, never: 3 });
  await own.sync("Everybody");
  await own.sync("Board");
  world.clock.advance({ hours: 2 });
  own.strike("html");
  expect((await own.sync("Nobody")).state).toBe("failed");
  own.heal();
  await own.request("Board");
  const before = await findOverview(own.ctx);
  expect(before.freshness).toEqual({ hour: 0, day: 2, week: 0, older: 0, never: 1 });
  expect(before.troubles.map(({ kind, groupName }) => [kind, groupName])).toEqual([["failed", "Nobody"]]);
  expect(before.waiting).toBe(1);
  const night = await startNightly(own.ctx);
  for (let step = 0; step < 3; step += 1) {
    await own.workAll();
    await goOnWithNightly(own.ctx, must(night, "a run on demand always starts").id);
  }
  own.strike("html");
  const failed = await own.listSync();
  expect((await findOverview(own.ctx)).failedList).toMatchObject({ syncId: failed.id, reason: failed.errorMessage });
  own.heal();
  await own.listSync();
  const after = await findOverview(own.ctx);
  expect(after.failedList).toBeNull();
  expect(after.troubles).toEqual([]);
  expect(after.lastNight).toMatchObject({ taken: 3, succeeded: 3, failed: 0, held: 0, open: 0 });
});

test("the audience is measured once a day by the account's calendar, and again as soon as there is anybody", async () => {
  const world = await createWorld({ timeZone: "Pacific/Auckland", startsAt: "2030-03-04T09:00:00Z" });
  const { own, ctx } = world;
  await own.listSync();
  await measureAudiences(ctx);
  const size = async () => (await findOverview(own.ctx)).audience;
  expect(await size()).toEqual([{ date: "2030-03-04", sendable: 0 }]);
  const board = await own.sync("Board");
  await measureAudiences(ctx);
  expect(await size()).toEqual([{ date: "2030-03-04", sendable: board.sendable }]);
  const everybody = await own.sync("Everybody");
  await measureAudiences(ctx);
  expect(await size()).toEqual([{ date: "2030-03-04", sendable: board.sendable }]);
  world.clock.advance({ hours: 1, minutes: 59 });
  world.clock.advance({ minutes: 2 });
  await measureAudiences(ctx);
  expect(await size()).toEqual([
    { date: "2030-03-04", sendable: board.sendable },
    { date: "2030-03-05", sendable: everybody.sendable },
  ]);
});
