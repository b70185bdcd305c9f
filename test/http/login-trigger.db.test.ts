import { sql } from "kysely";
import { expect, test } from "vitest";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { openWeb, type Web } from "../harness/web.ts";
import { createWorld, type World } from "../harness/world.ts";

interface LoginSync {
  readonly trigger: string;
  readonly by: string;
  readonly state: string;
}

/** Every list sync that a sign-in asked for. Waits for what is under way first, by stopping the server. */
async function loginSyncs(world: World, web: Web): Promise<readonly LoginSync[]> {
  await web.close();
  return world.query(sql<LoginSync>`select trigger, requested_by as by, state from sync
    where kind = 'list' and trigger = 'login' order by requested_at, id`);
}

async function openAtDesk(): Promise<{ world: World; web: Web; syncedAt: Temporal.Instant }> {
  const world = await createWorld();
  const web = await openWeb(world);
  await world.own.listSync();
  const { listSyncedAt } = await world.own.bridge();
  return { world, web, syncedAt: listSyncedAt ?? world.clock.now() };
}

test("1.3 login: 29 min 59 s after the last successful list sync, a sign-in asks for none", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const person = await web.person("viewer");
  world.clock.set(syncedAt.add({ minutes: 29, seconds: 59 }));
  expect((await web.browser().signIn(person)).status).toBe(200);
  expect(await loginSyncs(world, web)).toEqual([]);
});

test("1.3 login: exactly 30 minutes after it, a sign-in asks for one, in the person's name", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const person = await web.person("viewer");
  world.clock.set(syncedAt.add({ minutes: 30 }));
  expect((await web.browser().signIn(person)).body).toEqual({ next: "done" });
  expect(await loginSyncs(world, web)).toEqual([
    { trigger: "login", by: `${person.user.name} (${person.user.email})`, state: "queued" },
  ]);
  await world.own.workAll();
  expect((await world.own.bridge()).listSyncedAt).not.toEqual(syncedAt);
});

test("1.3 login: before the first list sync a sign-in asks for one", async () => {
  const world = await createWorld();
  const web = await openWeb(world);
  await web.browser().signIn(await web.person("administrator"));
  expect(await loginSyncs(world, web)).toHaveLength(1);
  await world.own.workAll();
});

test("1.3 login: an inactive bridge is not called, and the sign-in doesn't mind", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const person = await web.person("author");
  world.clock.set(syncedAt.add({ hours: 5 }));
  await configureBridge(world.own.ctx, { isActive: false });
  expect((await web.browser().signIn(person)).status).toBe(200);
  expect(await loginSyncs(world, web)).toEqual([]);
});

test("1.3 login: staff start none, neither by signing in nor by entering the account", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const staff = await web.person(null);
  world.clock.set(syncedAt.add({ hours: 5 }));
  const browser = await web.signIn(staff);
  expect((await browser.post(`/api/v1/accounts/${world.own.ctx.accountId}/enter`)).status).toBe(204);
  world.clock.advance({ minutes: 1 });
  await browser.signIn(staff);
  expect((await browser.post("/api/v1/session/second-factor", { code: browser.code() })).body).toEqual({
    next: "done",
  });
  expect(await loginSyncs(world, web)).toEqual([]);
});

test("1.3 login: a failed list sync does not count as the last one", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const person = await web.person("viewer");
  world.clock.set(syncedAt.add({ minutes: 29 }));
  world.own.strike("fault");
  expect((await world.own.listSync()).state).toBe("failed");
  world.own.heal();
  world.clock.set(syncedAt.add({ minutes: 30 }));
  await web.browser().signIn(person);
  expect(await loginSyncs(world, web)).toHaveLength(1);
  await world.own.workAll();
});

test("1.3 login: two people who sign in at once make one sync", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const people = await Promise.all([web.person("viewer"), web.person("author")]);
  world.clock.set(syncedAt.add({ hours: 1 }));
  const answers = await Promise.all(people.map((person) => web.browser().signIn(person)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await loginSyncs(world, web)).toHaveLength(1);
  const asked = await world.query(sql`select joined from sync_request where trigger = 'login' order by joined`);
  expect(asked).toEqual([{ joined: false }, { joined: true }]);
  await world.own.workAll();
});

test("1.3 login: the password alone starts none where a second factor is still asked for", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const person = await web.person("viewer");
  const browser = await web.signIn(person);
  await browser.enrol();
  world.clock.set(syncedAt.add({ hours: 1 }));
  expect((await browser.signIn(person)).body).toEqual({ next: "second_factor" });
  const waiting = await world.query(sql`select from sync where trigger = 'login' and requested_at > ${syncedAt}`);
  expect(waiting).toEqual([]);
  expect((await browser.post("/api/v1/session/second-factor", { code: browser.code() })).body).toEqual({
    next: "done",
  });
  expect(await loginSyncs(world, web)).toHaveLength(1);
  await world.own.workAll();
});

test("1.3 login: an AMS that hangs delays no sign-in", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const people = await Promise.all([web.person("viewer"), web.person("author")]);
  world.clock.set(syncedAt.add({ hours: 1 }));
  world.own.strike("black_hole");
  const stopping = new AbortController();
  await web.browser().signIn(people[0] as (typeof people)[0]);
  const began = performance.now();
  const work = world.own.work(stopping.signal).catch(() => {});
  expect((await web.browser().signIn(people[1] as (typeof people)[0])).status).toBe(200);
  expect(performance.now() - began).toBeLessThan(1500);
  expect(await loginSyncs(world, web)).toHaveLength(1);
  world.own.heal();
  stopping.abort();
  await work;
  await world.own.workAll();
});

test("1.3 login: a database row that somebody holds delays no sign-in", async () => {
  const { world, web, syncedAt } = await openAtDesk();
  const person = await web.person("viewer");
  world.clock.set(syncedAt.add({ hours: 1 }));
  await world.ctx.db.system(async (tx) => {
    await sql`select from bridge for update`.execute(tx);
    expect((await web.browser().signIn(person)).status).toBe(200);
    expect(await world.query(sql`select from sync where trigger = 'login'`)).toEqual([]);
  });
  expect(await loginSyncs(world, web)).toHaveLength(1);
  await world.own.workAll();
});
