import { sql } from "kysely";
import { expect, test } from "vitest";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { recordGroupUse } from "../../src/domain/target-groups/record-group-use.ts";
import type { UseCounts } from "../../src/domain/target-groups/use-store.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { addInstance } from "../harness/mailings.ts";
import { createWorld } from "../harness/world.ts";

test("1.6 a list of groups counts what uses each: compounds at any depth, mailings and templates, once each", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  const api = await clientOf(await serveApi(world), own);
  const counts = async () => {
    const { items } = await api.get<{ items: { name: string; usedIn: UseCounts }[] }>("/target-groups");
    return Object.fromEntries(items.map(({ name, usedIn }) => [name, usedIn]));
  };
  const none = { compounds: 0, mailings: 0, templates: 0 };
  expect(await counts()).toEqual({ Board: none, Everybody: none, Nobody: none });
  const { id: board } = await own.group("Board");
  const { id: nobody } = await own.group("Nobody");
  const compose = (name: string, include: string) =>
    api.post<{ id: string }>("/target-groups/compounds", {
      name,
      include: { isAll: false, of: [include] },
      exclude: { isAll: false, of: [nobody] },
    });
  const inner = await compose("Inner", board);
  const outer = await compose("Outer", inner.id);
  const draft = await createMailing(own.ctx, { name: "Gala" });
  const template = await createMailing(own.ctx, { name: "Monthly", isTemplate: true });
  for (const { id } of [draft, template]) {
    const { status } = await api.call("PATCH", `/mailings/${id}`, { audience: { to: [board], notTo: [nobody] } });
    expect(status).toBe(200);
  }
  const instance = await addInstance(own.ctx);
  const [again] = await world.query(sql<{
    id: typeof instance;
  }>`insert into mailing_instance (account_id, id, mailing_id,
      name, state, content, open_tracking, published_at, published_by, due_at, finished_at)
    select account_id, gen_random_uuid(), mailing_id, name, state, content, open_tracking, published_at, published_by,
      due_at, finished_at from mailing_instance where id = ${instance} returning id`);
  const used = [{ groupId: board, usedAs: "audience" as const }];
  for (const id of [instance, again?.id ?? instance])
    await world.ctx.db.transaction(own.ctx.accountId, (tx) => recordGroupUse(tx, own.ctx, id, used));
  expect(await counts()).toMatchObject({
    Board: { compounds: 2, mailings: 2, templates: 1 },
    Inner: { compounds: 1, mailings: 0, templates: 0 },
    Nobody: { compounds: 2, mailings: 1, templates: 1 },
    Everybody: none,
    Outer: none,
  });
  expect(await api.get(`/target-groups/${board}/used-in`)).toMatchObject({
    compounds: [{ name: "Inner" }, { name: "Outer" }],
    namedBy: [
      { mailingId: template.id, name: "Monthly", isTemplate: true, usedAs: "audience" },
      { mailingId: draft.id, name: "Gala", isTemplate: false, usedAs: "audience" },
    ],
    namedByCount: 2,
    useCount: 2,
  });
  expect(await api.call("DELETE", `/target-groups/${outer.id}`)).toMatchObject({ status: 200 });
  expect(await counts()).toMatchObject({ Board: { compounds: 1 }, Inner: none });
});
