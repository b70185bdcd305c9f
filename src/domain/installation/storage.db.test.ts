import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld } from "../../../test/harness/world.ts";
import { changeAccount } from "../accounts/change-account.ts";
import { findStorage } from "./find-storage.ts";
import { measureIfDue } from "./measure-storage.ts";
import { bytesOf, rowsOlderThan } from "./storage.rules.ts";

const now = Temporal.Instant.from("2030-03-04T09:00:00Z");

test("2.5 what a retention would free is counted by whole months before its bound, and never more", () => {
  const months = { "2029-02": 1, "2029-03": 10, "2029-04": 100, "2030-03": 1000 };
  expect(rowsOlderThan(months, 365, now)).toBe(1);
  expect(rowsOlderThan(months, 330, now)).toBe(11);
  expect(rowsOlderThan(months, 30, now)).toBe(111);
  expect(rowsOlderThan({}, 30, now)).toBe(0);
  expect(bytesOf(5, { rows: 10, bytes: 1001 })).toBe(501);
  expect(bytesOf(5, { rows: 0, bytes: 1001 })).toBe(0);
  expect(bytesOf(50, { rows: 10, bytes: 1000 })).toBe(1000);
});

test("6.1 how large everything is stands ready: by table, by account, night by night, counted once a night", async () => {
  const world = await createWorld({ startsAt: "2030-03-04T05:50:00Z" });
  const { own, ctx, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  const other = await world.addAccount();
  expect(await findStorage(ctx)).toMatchObject({ countedAt: null, history: [] });
  expect(await measureIfDue(ctx)).toBe(false);
  clock.advance({ minutes: 20 });
  const both = await Promise.all([measureIfDue(ctx), measureIfDue(ctx)]);
  expect(both.filter((one) => one)).toEqual([true]);
  await world.query(sql`update sync_event set at = at - interval '2 years'`);
  clock.advance({ hours: 24 });
  expect(await measureIfDue(ctx)).toBe(true);
  await changeAccount(own.ctx, { syncDetailKeptDays: 400 });
  const { tables, accounts, history, countedAt, databaseBytes } = await findStorage(ctx);
  expect(countedAt).toEqual(clock.now());
  const [{ rows, members } = { rows: 0, members: 0 }] = await world.query<{ rows: number; members: number }>(
    sql`select (select count(*) from sync_event) as rows, (select count(*) from membership) as members`,
  );
  expect(tables.find(({ name }) => name === "membership")).toMatchObject({
    rows: members,
    oldestAt: null,
    keptBy: null,
  });
  expect(tables.find(({ name }) => name === "sync_event")).toMatchObject({
    rows,
    keptBy: "syncDetailKeptDays",
    olderThanYear: { rows },
    grewBytes: expect.any(Number),
  });
  expect(accounts.map(({ id }) => id)).toEqual([own.ctx.accountId, other.ctx.accountId]);
  expect(accounts[0]).toMatchObject({ due: { rows }, olderThanYear: { rows } });
  expect(accounts[1]).toMatchObject({ due: { rows: 0 } });
  expect(history.map(({ date }) => date)).toEqual(["2030-03-04", "2030-03-05"]);
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(total).toBeLessThanOrEqual(databaseBytes);
});
