import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { changeField } from "../bridges/change-field.ts";
import { takeApplyTurn } from "../subscribers/apply-turn.ts";
import { forgetValues } from "../subscribers/forget-values.ts";
import { applyHeldSync, cancelSync, discardHeldSync } from "./decide-sync.ts";
import { findSync } from "./find-syncs.ts";

const field = "ind_first_name";

async function createKeepingWorld(): Promise<World> {
  const world = await createWorld();
  await world.own.listSync();
  await changeField(world.own.ctx, field, { isKept: true });
  await changeField(world.own.ctx, "ind_last_name", { isKept: true });
  await world.own.sync("Everybody");
  return world;
}

async function countWith(world: World, name: string): Promise<number> {
  const [row] = await world.query(
    sql<{ people: number }>`select count(*) as people from subscriber where jsonb_exists("values", ${name})`,
  );
  return row?.people ?? -1;
}

test("2.5 values of a field that stopped being kept don't come back with a held read that is applied later", async () => {
  const world = await createKeepingWorld();
  const { own } = world;
  expect(await countWith(world, field)).toBeGreaterThan(200);
  for (let index = 0; index < 150; index += 1) own.changePerson(index, { cst_eml_address_dn: "" });
  for (let index = 150; index < 200; index += 1) own.changePerson(index, { ind_first_name: "Changed" });
  const held = await own.sync("Everybody");
  expect(held.state).toBe("held");
  await changeField(own.ctx, field, { isKept: false });
  await forgetValues(world.ctx);
  await applyHeldSync(own.ctx, held.id);
  expect(await countWith(world, field)).toBe(0);
  expect(await countWith(world, "ind_last_name")).toBeGreaterThan(100);
  expect((await own.sync("Everybody")).state).toBe("succeeded");
  expect((await own.sync("Everybody")).updated).toBe(0);
});

test("2.5 a read that was begun goes on with the fields it began with, and keeps those that are kept at its end", async () => {
  const world = await createKeepingWorld();
  const { own } = world;
  const { sync } = await own.request("Everybody");
  await world.query(
    sql`update sync set state = 'reading', fields = array[${field}, 'ind_last_name'] where id = ${sync.id}`,
  );
  await changeField(own.ctx, field, { isKept: false });
  await forgetValues(world.ctx);
  await own.workAll();
  expect((await findSync(own.ctx, sync.id)).fields).toEqual([field, "ind_last_name"]);
  expect([await countWith(world, field), (await countWith(world, "ind_last_name")) > 200]).toEqual([0, true]);
});

test("2.5 forgetting waits for whoever writes the account's people, instead of crossing their way", async () => {
  const world = await createKeepingWorld();
  const { own } = world;
  await changeField(own.ctx, field, { isKept: false });
  const order: string[] = [];
  const applied = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const applying = own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    await takeApplyTurn(tx, own.ctx.accountId);
    taken.resolve();
    await applied.promise;
    order.push("applied");
  });
  await taken.promise;
  const forgetting = forgetValues(world.ctx).then(() => order.push("forgotten"));
  await expect
    .poll(() => world.query(sql`select 1 from pg_locks where not granted`).then((rows) => rows.length))
    .toBe(1);
  applied.resolve();
  await Promise.all([applying, forgetting]);
  expect(order).toEqual(["applied", "forgotten"]);
});

test("every end of a sync is counted by its outcome: held, then applied or discarded; cancelled while it waited", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  const counted = async (outcome: string) => {
    const text = await world.ctx.metrics.metrics();
    const lines = text.split("\n").filter((line) => line.startsWith('lockstep_syncs_total{type="subscriber"'));
    return lines
      .filter((line) => line.includes(`outcome="${outcome}"`))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  };
  for (let index = 0; index < 150; index += 1) own.changePerson(index, { cst_eml_address_dn: "" });
  await discardHeldSync(own.ctx, (await own.sync("Everybody")).id);
  await applyHeldSync(own.ctx, (await own.sync("Everybody")).id);
  const { sync } = await own.request("Board");
  await cancelSync(own.ctx, sync.id);
  expect([await counted("succeeded"), await counted("held"), await counted("cancelled")]).toEqual([2, 2, 2]);
});
