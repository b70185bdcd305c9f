import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { createUser } from "../accounts/create-user.ts";
import { searchSubscribers } from "../subscribers/find-subscribers.ts";
import { findSyncStory } from "./find-syncs.ts";
import { listGroupPeriods } from "./look-back.ts";
import { listNightlyRuns } from "./nightly.ts";

test("a long story is told by its end, and what is left out of it is counted", async () => {
  const { own, query } = await createWorld();
  await own.listSync();
  const { id } = await own.sync("Board");
  const { accountId } = own.ctx;
  const before = await findSyncStory(own.ctx, id);
  expect(before).toMatchObject({ eventsInAll: before.events.length, requestsInAll: 1 });
  await query(sql`insert into sync_event (account_id, sync_id, at, state, message)
    select ${accountId}, ${id}, now(), 'reading', 'line ' || n from generate_series(1, 700) n`);
  await query(sql`insert into sync_request (account_id, sync_id, id, at, trigger, requested_by, joined)
    select ${accountId}, ${id}, gen_random_uuid(), now(), 'api', 'somebody', true from generate_series(1, 300) n`);
  const story = await findSyncStory(own.ctx, id);
  expect(story.eventsInAll).toBe(before.eventsInAll + 700);
  expect(story.events.at(-1)?.message).toBe("line 700");
  expect(story.events[0]?.message).toBe("line 201");
  expect([story.requests.length, story.requestsInAll]).toEqual([200, 301]);
});

test("1.8 of somebody who was in a group 600 times the present comes first, and the rest is counted", async () => {
  const { own, query } = await createWorld();
  await own.listSync();
  const { id } = await own.sync("Board");
  const [person] = await searchSubscribers(own.ctx, undefined, 1);
  const subscriber = must(person, "the group has people").id;
  await query(sql`insert into membership (account_id, group_id, subscriber_id, added_by, removed_by)
    select account_id, group_id, ${subscriber}, id, id from sync, generate_series(1, 600) where id = ${id}`);
  const { groups, groupsInAll } = await listGroupPeriods(own.ctx, subscriber);
  expect(groups).toHaveLength(500);
  expect(groups[0]?.removedBy).toBeNull();
  expect(groupsInAll).toBe(601);
  await query(sql`delete from membership where added_by = removed_by`);
});

test("every night is found, page by page", async () => {
  const { own, query } = await createWorld();
  const { id } = await own.bridge();
  await query(sql`insert into nightly_run (account_id, id, bridge_id, local_date, due_at, started_at, judged_at,
      caused_by, state, finished_at)
    select ${own.ctx.accountId}, gen_random_uuid(), ${id}, date '2029-01-01' + n, now(),
      timestamptz '2029-01-01' + make_interval(days => n / 2), now(), 'schedule', 'done', now()
    from generate_series(0, 249) n`);
  const found: string[] = [];
  for (let after: { startedAt: string; id: string } | undefined; ; ) {
    const page = await listNightlyRuns(own.ctx, { limit: 100, after });
    found.push(...page.map((run) => run.id));
    const last = page.at(-1);
    if (!last) break;
    after = { startedAt: last.startedAt.toString(), id: last.id };
  }
  expect([found.length, new Set(found).size]).toEqual([250, 250]);
});

test("an account has at most a thousand users, and says so", async () => {
  const { own, ctx, query } = await createWorld();
  await query(sql`insert into app_user (id, account_id, role, email, email_key, name, created_at)
    select gen_random_uuid(), ${own.ctx.accountId}, 'viewer', n || '@example.org', n || '@example.org', 'User ' || n, now()
    from generate_series(1, 1000) n`);
  const another = { accountId: own.ctx.accountId, role: "viewer", email: "new@example.org", name: "New" } as const;
  await expect(createUser(ctx, another, "test")).rejects.toMatchObject({ code: "account_full" });
  await query(sql`update app_user set disabled_at = now() where email = '7@example.org'`);
  await expect(createUser(ctx, another, "test")).resolves.toMatchObject({ user: { email: "new@example.org" } });
});
