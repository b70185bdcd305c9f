import { sql } from "kysely";
import { expect, test } from "vitest";
import { expectInStep, snapshot } from "../../../test/harness/truth.ts";
import { type Account, createWorld, type World } from "../../../test/harness/world.ts";
import { NotFoundError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { createApiKey, findApiKeyOwner, listApiKeys, revokeApiKey } from "../accounts/api-keys.ts";
import { openSettings } from "../bridges/get-bridge.ts";
import { findSubscriber, searchSubscribers } from "../subscribers/find-subscribers.ts";
import { changeGroupGuard } from "../target-groups/change-groups.ts";
import { findTargetGroup, listTargetGroups } from "../target-groups/get-target-group.ts";
import { applyHeldSync, cancelSync, discardHeldSync } from "./decide-sync.ts";
import { findSync, findSyncStory, listSyncs } from "./find-syncs.ts";
import { listFolders } from "./list-folders.ts";
import { listChanges, listGroupPeriods, listMembers, listRejectedRows, listWouldChanges } from "./look-back.ts";
import { findNightlyRun, findNightlyVerdict, startNightly } from "./nightly.ts";
import { requestSubscriberSync } from "./request-sync.ts";
import type { SyncId } from "./sync.ts";

interface Two extends World {
  readonly other: Account;
}

/** Two associations with the same people, keys and addresses, each in an AMS of its own. */
async function createTwoAccounts(): Promise<Two> {
  const world = await createWorld();
  const other = await world.addAccount();
  for (const account of [world.own, other]) {
    await account.listSync();
    await account.sync("Everybody");
  }
  return { ...world, other };
}

test("6.4 two accounts with the same people don't touch each other", async () => {
  const { own, other } = await createTwoAccounts();
  const before = await snapshot(other);
  own.changePerson(10, { cst_no_email_flag: "1" });
  own.changePerson(11, { cst_eml_address_dn: "" });
  own.simulator.state.jobs.splice(0, 1);
  await own.sync("Everybody").then(({ id }) => discardHeldSync(own.ctx, id));
  await own.listSync();
  await own.sync("Board");
  expect(await snapshot(other)).toEqual(before);
  await expectInStep(own, "Board");
  await expectInStep(other, "Everybody");
  expect(await listTargetGroups(other.ctx, { sort: "name", limit: 10 })).toHaveLength(3);
  expect((await own.group("Everybody")).missingSince).not.toBeNull();
  expect((await other.group("Everybody")).missingSince).toBeNull();
});

test("6.4 a foreign id is as unknown as one that never was, at every door", async () => {
  const { own, other } = await createTwoAccounts();
  const { ctx } = own;
  const group = await other.group("Everybody");
  const { sync } = await other.request("Board");
  const [person] = await searchSubscribers(other.ctx, "p100.", 1);
  const run = await startNightly(other.ctx);
  const key = await createApiKey(other.ctx, "theirs");
  const cause = { trigger: "resync", by: "test" } as const;
  const filter = { groupId: group.id, limit: 10 };
  const doors = [
    () => findTargetGroup(ctx, group.id),
    () => changeGroupGuard(ctx, group.id, { percent: 1, minimum: 1, absolute: 1 }),
    () => requestSubscriberSync(ctx, group.id, cause),
    () => findNightlyVerdict(ctx, group.id),
    () => listMembers(ctx, filter),
    () => listRejectedRows(ctx, { ...filter, reasons: undefined }),
    () => findSync(ctx, sync.id),
    () => findSyncStory(ctx, sync.id),
    () => listChanges(ctx, { syncId: sync.id, kind: "added", limit: 1 }),
    () => listWouldChanges(ctx, { syncId: sync.id, kind: "added", limit: 1 }),
    () => cancelSync(ctx, sync.id),
    () => applyHeldSync(ctx, sync.id),
    () => discardHeldSync(ctx, sync.id),
    () => findSubscriber(ctx, person?.id ?? 0),
    () => revokeApiKey(ctx, key.id),
  ];
  for (const door of doors) await expect(door(), String(door)).rejects.toBeInstanceOf(NotFoundError);
  await expect(findSync(ctx, newId<SyncId>())).rejects.toThrow(/^There is no sync '/);
  await expect(findSync(ctx, sync.id)).rejects.toThrow(`There is no sync '${sync.id}'.`);
  expect(await findNightlyRun(ctx, run?.id ?? ("" as never))).toBeUndefined();
  expect(await listGroupPeriods(ctx, person?.id ?? 0)).toEqual({ groups: [], groupsInAll: 0 });
  expect(await listApiKeys(ctx)).toEqual([]);
  expect((await findApiKeyOwner(own.ctx, key.token))?.accountId).toBe(other.ctx.accountId);
  for (const found of await listSyncs(ctx, { limit: 100 })) expect(found.bridgeId).toBe((await own.bridge()).id);
  expect(await listFolders(ctx)).toHaveLength(1);
  await other.workAll();
});

/** Every table that belongs to accounts, and its column that says to which. */
const sealed = sql<{ table: string; column: string }>`
  select c.relname as "table", case c.relname when 'account' then 'id' else 'account_id' end as "column"
  from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
  where c.relkind = 'r' and c.relname <> 'lockstep_migration' order by 1`;

test("6.4 second wall: every table is sealed by row-level security, its owner included", async () => {
  const { query } = await createWorld();
  const open = await query(sql<{ name: string }>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    where c.relkind in ('r', 'p') and c.relname <> 'lockstep_migration'
      and not (c.relrowsecurity and c.relforcerowsecurity and exists (
        select from pg_policy p where p.polrelid = c.oid and p.polname = 'account'))`);
  expect(open).toEqual([]);
  expect((await query(sealed)).length).toBeGreaterThan(15);
});

test("6.4 second wall: a query that forgot its account sees its own account's rows alone", async () => {
  const { own, other, query } = await createTwoAccounts();
  for (const { table, column } of await query(sealed)) {
    const accounts = await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
      sql<{ id: string }>`select distinct ${sql.ref(column)}::text as id from ${sql.table(table)}`.execute(tx),
    );
    for (const { id } of accounts.rows) expect(id, table).toBe(own.ctx.accountId);
  }
  const counts = (account: Account) =>
    account.ctx.db.transaction(account.ctx.accountId, (tx) =>
      sql`select (select count(*) from subscriber) as people, (select count(*) from membership) as members`.execute(tx),
    );
  expect((await counts(own)).rows).toEqual([{ people: 291, members: 288 }]);
  expect((await counts(other)).rows).toEqual([{ people: 291, members: 288 }]);
});

test("6.4 second wall: without an account nothing is seen, and nothing can be written for another", async () => {
  const { own, other, query } = await createTwoAccounts();
  for (const { table } of await query(sealed)) {
    const rows = await own.ctx.db.transaction(newId(), (tx) =>
      sql`select 1 from ${sql.table(table)} limit 1`.execute(tx),
    );
    expect(rows.rows, table).toEqual([]);
  }
  const forget = own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    await sql`set local app.account = ''`.execute(tx);
    return (await sql`select 1 from subscriber`.execute(tx)).rows;
  });
  expect(await forget).toEqual([]);
  const write = (statement: ReturnType<typeof sql>) =>
    own.ctx.db.transaction(own.ctx.accountId, (tx) => statement.execute(tx));
  await expect(
    write(
      sql`insert into folder (account_id, id, name, created_at) values (${other.ctx.accountId}, ${newId()}, 'x', now())`,
    ),
  ).rejects.toThrow(/row-level security/);
  await expect(write(sql`update subscriber set account_id = ${other.ctx.accountId}`)).rejects.toThrow(
    /row-level security/,
  );
  const update = await write(
    sql`update subscriber set unsubscribed_at = null where account_id = ${other.ctx.accountId}`,
  );
  expect(update.numAffectedRows).toBe(0n);
});

test("6.4 second wall: an account's id is a UUID, never a piece of SQL", () => {
  return createWorld().then(async ({ ctx }) => {
    const text = "'; reset role; select '";
    expect(() => ctx.db.transaction(text, async () => {})).toThrow(RangeError);
  });
});

test("6.4 second wall: the job engine's role can read no table of ours", async () => {
  const { ctx, query } = await createWorld();
  for (const { table } of await query(sealed)) {
    const read = ctx.db.system(async (tx) => {
      await sql`reset role`.execute(tx);
      await sql`set local role lockstep_jobs`.execute(tx);
      await sql`select 1 from ${sql.table(table)} limit 1`.execute(tx);
    });
    await expect(read, table).rejects.toThrow(/permission denied/);
  }
});

test("6.5 the audit log can be written and read, never changed", async () => {
  const { own, query } = await createWorld();
  expect(await query(sql`select action from audit_entry order by at, id`)).toEqual([
    { action: "account.create" },
    { action: "bridge.create" },
  ]);
  for (const statement of [sql`update audit_entry set actor = 'nobody'`, sql`delete from audit_entry`]) {
    const change = own.ctx.db.transaction(own.ctx.accountId, (tx) => statement.execute(tx));
    await expect(change).rejects.toThrow(/permission denied/);
    await expect(query(statement)).rejects.toThrow(/permission denied/);
  }
});

test("6.5 a password is stored sealed, and one account's seal opens for no other", async () => {
  const { own, other, query } = await createTwoAccounts();
  const rows = await query(sql<{ sealed: Buffer }>`select password_sealed as sealed from bridge`);
  expect(rows.filter(({ sealed }) => sealed.includes("demo"))).toEqual([]);
  expect(await openSettings(own.ctx, await own.bridge())).toMatchObject({ password: "demo" });
  await query(
    sql`update bridge set password_sealed = (select password_sealed from bridge where account_id = ${other.ctx.accountId})`,
  );
  await expect(openSettings(own.ctx, await own.bridge())).rejects.toMatchObject({ code: "altered_secret" });
});
