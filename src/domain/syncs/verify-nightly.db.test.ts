import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld } from "../../../test/harness/world.ts";
import { findLastVerification, verifyIfDue } from "./verify-nightly.ts";

test("6.3 the data are checked once a night, and what was found is kept", async () => {
  const world = await createWorld({ startsAt: "2030-03-04T04:50:00Z" });
  const { own, ctx, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  expect(await verifyIfDue(ctx)).toBeNull();
  clock.advance({ minutes: 15 });
  const both = await Promise.all([verifyIfDue(ctx), verifyIfDue(ctx)]);
  expect(both.filter((one) => one !== null)).toEqual([[]]);
  expect(await verifyIfDue(ctx)).toBeNull();
  const { id } = await own.group("Everybody");
  await world.query(
    sql`update target_group set sendable = sendable - 1, do_not_email = do_not_email + 1 where id = ${id}`,
  );
  clock.advance({ hours: 24 });
  const findings = await verifyIfDue(ctx);
  expect(findings).toEqual([{ rule: "1.6 counts equal members", message: expect.stringContaining("Everybody") }]);
  expect(await findLastVerification(ctx)).toMatchObject({ findings, finishedAt: expect.anything() });
  await world.query(
    sql`update target_group set sendable = sendable + 1, do_not_email = do_not_email - 1 where id = ${id}`,
  );
});
