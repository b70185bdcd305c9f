import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { type Account, createWorld, type World, type WorldOptions } from "../../../test/harness/world.ts";
import { must } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { createAccount } from "../accounts/create-account.ts";
import { configureBridge } from "../bridges/configure-bridge.ts";
import { testBridge } from "../bridges/test-bridge.ts";
import { inAccount } from "../context.ts";
import { listWritebacks, summarizeWritebacks } from "../writebacks/find-writebacks.ts";
import { retryWriteback, retryWritebacks, sendWritebacksNow } from "../writebacks/send-now.ts";
import { sendWritebacks } from "../writebacks/send-writebacks.ts";
import { sweepWritebacks } from "../writebacks/sweep-writebacks.ts";
import type { Writeback } from "../writebacks/writeback.ts";
import { resubscribePerson, unsubscribePerson } from "./change-person-wish.ts";
import { markBadEmail, noteSoftBounces, resubscribe, unsubscribe } from "./change-wish.ts";

const byPerson = { origin: "person", reason: "too many mails" } as const;

interface Senders extends World {
  /** Ids of people who may be written to. */
  readonly people: readonly number[];
  /** As the worker's sweep and its job do. */
  tick(): Promise<void>;
  unsubscribe(...ids: number[]): Promise<void>;
  keyOf(id: number): Promise<string>;
  /** The person's writebacks, the first decision first. */
  listOf(id: number): Promise<readonly Writeback[]>;
}

async function createSenders(options: WorldOptions = {}): Promise<Senders> {
  const world = await createWorld(options);
  const { own, clock, query } = world;
  await own.listSync();
  await own.sync("Everybody");
  const rows = await query(
    sql<{ id: number }>`select min(id) as id from subscriber 
    group by email_key having count(*) = 1 and bool_and(standing = 'sendable') order by 1 limit 100`,
  );
  const processId = newId();
  const liveness = await own.ctx.db.holdLiveness();
  await liveness.hold(processId);
  onTestFinished(() => liveness[Symbol.asyncDispose]());
  return {
    ...world,
    people: rows.map(({ id }) => id),
    async tick() {
      await sweepWritebacks(own.ctx, processId);
      await sendWritebacks(own.ctx, (await own.bridge()).id, { signal: new AbortController().signal, processId });
    },
    async unsubscribe(...ids) {
      clock.advance({ seconds: 1 });
      await run(own, (tx) => unsubscribe(tx, own.ctx, ids, byPerson));
    },
    async keyOf(id) {
      const [row] = await query(sql<{ key: string }>`select remote_id as key from subscriber where id = ${id}`);
      return must(row, "they are there").key;
    },
    async listOf(id) {
      const [row] = await query(sql<{ key: string }>`select remote_id as key from subscriber where id = ${id}`);
      return (await listWritebacks(own.ctx, { remoteId: must(row, "they are there").key, limit: 50 })).toReversed();
    },
  };
}

const run = <T>({ ctx }: Account, work: (tx: Parameters<typeof unsubscribe>[0]) => Promise<T>) =>
  ctx.db.transaction(ctx.accountId, work);

/** What the AMS was told of a person: the flags in order, and how many lines its history has. */
async function toldOf({ own, keyOf }: Senders, id: number) {
  const key = await keyOf(id);
  const { doNotEmail, activities } = own.simulator.state;
  return {
    flags: doNotEmail.filter((told) => told.key === key).map(({ flag }) => flag),
    lines: (activities.get(key) ?? []).length,
  };
}

const calls = ({ own }: Senders, operation: string) => own.simulator.state.calls.get(operation) ?? 0;

test("5.1 an unsubscribe is queued with its time and reason, and goes at the next tick", async () => {
  const world = await createSenders({ startsAt: "2030-03-04T09:01:00Z" });
  const { people, tick, clock } = world;
  const id = must(people[0], "there are people");
  await world.unsubscribe(id);
  const decidedAt = clock.now();
  expect(await world.listOf(id)).toMatchObject([
    { type: "unsubscribe", state: "ready", reason: "too many mails", decidedAt, subscriberId: id, tries: 0 },
  ]);
  await tick();
  expect(calls(world, "SetIndividualInformation")).toBe(0);
  clock.set("2030-03-04T09:10:00Z");
  await tick();
  expect(await world.listOf(id)).toMatchObject([{ state: "sent", endedAt: clock.now(), errorMessage: null }]);
  expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
  const [line] = world.own.simulator.state.activities.get(await world.keyOf(id)) ?? [];
  const { month, day, year, hour, minute, second } = decidedAt.toZonedDateTimeISO("UTC");
  const two = (number: number) => String(number).padStart(2, "0");
  expect(line).toEqual({
    date: `${month}/${day}/${year} ${hour}:${two(minute)}:${two(second)} AM`,
    text: "Unsubscribed in Lockstep: too many mails",
  });
  await tick();
  expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
});

test("5.1 every door queues: a person, an administrator, a complaint, a hard bounce, the fifth soft one", async () => {
  const world = await createSenders();
  const { own, people, clock } = world;
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = people;
  await world.unsubscribe(a);
  await unsubscribePerson(own.ctx, b, "by phone");
  await run(own, (tx) => unsubscribe(tx, own.ctx, [c], { origin: "complaint", reason: null }));
  await run(own, (tx) => markBadEmail(tx, own.ctx, [d], "no such mailbox"));
  for (let bounce = 0; bounce < 5; bounce += 1) {
    expect(await world.listOf(e)).toEqual([]);
    await run(own, (tx) => noteSoftBounces(tx, own.ctx, [e], "mailbox full"));
    clock.advance({ hours: 4 * 24 });
  }
  await resubscribePerson(own.ctx, b, "asked by phone");
  const told = async (id: number) => (await world.listOf(id)).map(({ type, state, reason }) => [type, state, reason]);
  expect(await told(a)).toEqual([["unsubscribe", "ready", "too many mails"]]);
  expect(await told(b)).toEqual([
    ["unsubscribe", "superseded", "by phone"],
    ["resubscribe", "ready", "asked by phone"],
  ]);
  expect(await told(c)).toEqual([["unsubscribe", "ready", null]]);
  expect(await told(d)).toEqual([["bad_email", "ready", "no such mailbox"]]);
  expect(await told(e)).toEqual([["bad_email", "ready", expect.stringContaining("mailbox full")]]);
  await sendWritebacksNow(own.ctx);
  await world.tick();
  for (const id of [a, c, d, e]) expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
  expect(await toldOf(world, b)).toEqual({ flags: ["0"], lines: 1 });
});

test("5.2 one goes for a customer key, however many entries; who has none makes none, nor an account without a bridge", async () => {
  const world = await createSenders();
  const { own, people, query } = world;
  const id = must(people[0], "there are people");
  await query(sql`insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at)
    select account_id, remote_id, 'elsewhere@example.org', 'elsewhere@example.org', created_at, updated_at from subscriber where id = ${id}`);
  const [uploaded] = await query(sql<{
    id: number;
  }>`insert into subscriber (account_id, email, email_key, created_at, updated_at)
    select account_id, 'guest@example.org', 'guest@example.org', created_at, updated_at from subscriber where id = ${id} returning id`);
  await world.unsubscribe(id, must(uploaded, "inserted").id);
  expect(await listWritebacks(own.ctx, { limit: 10 })).toMatchObject([{ subscriberId: id }]);
  const { id: bare } = await createAccount(world.ctx, "Without a bridge", "UTC", "test");
  const lone = inAccount(world.ctx, bare, "test");
  const [theirs] = await query(sql<{
    id: number;
  }>`insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at)
    select ${bare}, remote_id, email, email_key, created_at, updated_at from subscriber where id = ${id} returning id`);
  await unsubscribePerson(lone, must(theirs, "inserted").id, "by phone");
  expect(await listWritebacks(lone, { limit: 10 })).toEqual([]);
});

test("5.1 a person who takes their own no back: what has not begun is withdrawn, what was sent stays", async () => {
  const world = await createSenders();
  const { own, people, tick } = world;
  const [early = 0, late = 0] = people;
  await world.unsubscribe(early, late);
  const takeBack = (id: number) => run(own, (tx) => resubscribe(tx, own.ctx, [id], { origin: "person", reason: null }));
  await takeBack(early);
  await sendWritebacksNow(own.ctx);
  await tick();
  await takeBack(late);
  expect(await world.listOf(early)).toMatchObject([{ state: "withdrawn" }]);
  expect(await world.listOf(late)).toMatchObject([{ state: "sent" }]);
  expect(await toldOf(world, early)).toEqual({ flags: [], lines: 0 });
  // An administrator lifts it there, too.
  await world.unsubscribe(late);
  await resubscribePerson(own.ctx, late, "by phone");
  await sendWritebacksNow(own.ctx);
  await tick();
  expect(await toldOf(world, late)).toEqual({ flags: ["1", "0"], lines: 2 });
});

test("5.1 what a withdrawn unsubscribe had taken the place of goes after all", async () => {
  const world = await createSenders();
  const { own, people, tick } = world;
  const [id = 0, other = 0] = people;
  await world.unsubscribe(id);
  await sendWritebacksNow(own.ctx);
  await tick();
  await resubscribePerson(own.ctx, id, "by phone");
  await world.unsubscribe(id);
  const takeBack = (who: number) =>
    run(own, (tx) => resubscribe(tx, own.ctx, [who], { origin: "person", reason: null }));
  await takeBack(id);
  expect((await world.listOf(id)).map(({ state }) => state)).toEqual(["sent", "ready", "withdrawn"]);
  // With a bad e-mail behind it, the no is withdrawn from the middle.
  await world.unsubscribe(other);
  await run(own, (tx) => markBadEmail(tx, own.ctx, [other], "no such mailbox"));
  await takeBack(other);
  expect((await world.listOf(other)).map(({ type, state }) => [type, state])).toEqual([
    ["unsubscribe", "withdrawn"],
    ["bad_email", "ready"],
  ]);
  await sendWritebacksNow(own.ctx);
  await tick();
  expect((await toldOf(world, id)).flags).toEqual(["1", "0"]);
  expect((await toldOf(world, other)).flags).toEqual(["1"]);
});

test("5.2 refused twice it is tried again, the third time it has failed, with the reason and Retry", async () => {
  const world = await createSenders({ startsAt: "2030-03-04T09:00:30Z" });
  const { own, people, tick, clock } = world;
  const [id = 0, other = 0] = people;
  await world.unsubscribe(id);
  own.strike("fault", { operation: "SetIndividualInformation", text: "The record is locked by another user." });
  const times: string[] = [];
  for (const tries of [1, 2, 3]) {
    const [before] = await world.listOf(id);
    clock.set(must(before, "queued").dueAt.subtract({ seconds: 1 }));
    await tick();
    expect((await world.listOf(id))[0]?.tries).toBe(tries - 1);
    clock.set(must(before, "queued").dueAt);
    times.push(clock.now().toString());
    await tick();
    expect((await world.listOf(id))[0]).toMatchObject({
      tries,
      state: tries === 3 ? "failed" : "ready",
      errorKind: "refused",
      errorMessage: expect.stringMatching(/record is locked/),
    });
  }
  expect(times).toEqual(["2030-03-04T09:10:00Z", "2030-03-04T09:20:00Z", "2030-03-04T09:50:00Z"]);
  clock.advance({ hours: 5 });
  await tick();
  expect(calls(world, "SetIndividualInformation")).toBe(3);
  own.heal();
  await world.unsubscribe(other);
  const [failed, fresh] = [(await world.listOf(id))[0], (await world.listOf(other))[0]];
  expect(await retryWriteback(own.ctx, must(failed, "there").id)).toMatchObject({ state: "ready", tries: 0 });
  await expect(retryWriteback(own.ctx, must(fresh, "there").id)).rejects.toMatchObject({ code: "not_failed" });
  await tick();
  expect(await world.listOf(id)).toMatchObject([{ state: "sent", errorMessage: null }]);
  expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
  const audit = await world.query(
    sql<{ action: string }>`select action from audit_entry where action like 'writeback%'`,
  );
  expect(audit).toEqual([{ action: "writebacks.retry" }]);
});

test("5.2 many that failed are tried again, or all; whose later decision came goes by that one", async () => {
  const world = await createSenders();
  const { own, people, tick, clock } = world;
  const [a = 0, b = 0, c = 0, d = 0] = people;
  await world.unsubscribe(a, b, c, d);
  own.strike("fault", { operation: "SetIndividualInformation", text: "no" });
  for (const hours of [1, 1, 1]) {
    clock.advance({ hours });
    await tick();
  }
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ failed: 4, ready: 0 });
  await resubscribePerson(own.ctx, d, "by phone");
  const idOf = async (id: number) => must((await world.listOf(id))[0], "there").id;
  expect(await retryWritebacks(own.ctx, [await idOf(a), await idOf(d)])).toBe(1);
  expect(await retryWritebacks(own.ctx, null)).toBe(2);
  expect(await retryWritebacks(own.ctx, null)).toBe(0);
  own.heal();
  await tick();
  clock.advance({ minutes: 10 });
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 4, superseded: 1, failed: 0 });
  expect((await toldOf(world, d)).flags).toEqual(["0"]);
});

test("5.2 in order for each person: a later one waits for the one under way, and takes the place of one that fails", async () => {
  const world = await createSenders();
  const { own, people, tick, clock, query } = world;
  const [id = 0, other = 0] = people;
  await world.unsubscribe(id, other);
  await sendWritebacksNow(own.ctx);
  own.simulator.state.latencyMs = 700;
  own.strike("fault", { operation: "SetIndividualInformation", text: "no", times: 1 });
  const ticking = tick();
  await expect.poll(() => calls(world, "SetIndividualInformation"), { interval: 2 }).toBeGreaterThan(0);
  for (const who of [id, other]) await resubscribePerson(own.ctx, who, "by phone");
  const under = await query(sql<{ state: string; type: string }>`select type, state from writeback order by id`);
  expect(under.filter(({ type }) => type === "resubscribe").map(({ state }) => state)).toEqual(["ready", "ready"]);
  expect(under.map(({ state }) => state)).toContain("processing");
  await ticking;
  own.simulator.state.latencyMs = 0;
  clock.advance({ minutes: 10 });
  await tick();
  const flags = [(await toldOf(world, id)).flags, (await toldOf(world, other)).flags].toSorted(
    (l, r) => l.length - r.length,
  );
  expect(flags).toEqual([["0"], ["1", "0"]]);
  const states = [...(await world.listOf(id)), ...(await world.listOf(other))].map(({ state }) => state);
  expect(states.toSorted()).toEqual(["sent", "sent", "sent", "superseded"]);
});

test("5.2 refused credentials stop the queue: the bridge needs attention, nothing is lost, and it goes on when mended", async () => {
  const world = await createSenders();
  const { own, people, tick, clock } = world;
  await world.unsubscribe(...people.slice(0, 60));
  clock.advance({ minutes: 10 });
  own.simulator.state.sessions.expireAll();
  own.strike("credentials", { operation: "SignOn.Authenticate" });
  const before = calls(world, "SignOn.Authenticate");
  await tick();
  // One for each of two sessions at most: 25 refusals lock the account.
  expect(calls(world, "SignOn.Authenticate") - before).toBeLessThanOrEqual(2);
  expect((await own.bridge()).health.needsAttentionSince).not.toBeNull();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ ready: 60, failed: 0, processing: 0 });
  clock.advance({ hours: 12 });
  await tick();
  expect(calls(world, "SignOn.Authenticate") - before).toBeLessThanOrEqual(2);
  await expect(sendWritebacksNow(own.ctx)).rejects.toMatchObject({ code: "bridge_needs_attention" });
  own.heal();
  expect(await testBridge(own.ctx, new AbortController().signal)).toMatchObject({ ok: true });
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 60 });
  expect(own.simulator.state.doNotEmail).toHaveLength(60);
});

test("5.2 an AMS that is away counts as no try; the circuit opens, one probe finds it back", async () => {
  const world = await createSenders();
  const { own, people, tick, clock } = world;
  await world.unsubscribe(...people.slice(0, 30));
  clock.advance({ minutes: 10 });
  own.strike("status", { value: 503 });
  for (let turn = 0; turn < 5; turn += 1) {
    await tick();
    clock.advance({ minutes: 1 });
  }
  const { probeAt, failuresInARow } = (await own.bridge()).health;
  expect(failuresInARow).toBeGreaterThanOrEqual(5);
  const sent = calls(world, "SignOn.Authenticate");
  await tick();
  expect(calls(world, "SignOn.Authenticate")).toBe(sent);
  const all = await listWritebacks(own.ctx, { limit: 50 });
  expect(all.every(({ state, tries }) => state === "ready" && tries === 0)).toBe(true);
  clock.set(must(probeAt, "it is open").add({ minutes: 10 }));
  own.heal();
  await tick();
  expect((await own.bridge()).health.failuresInARow).toBe(0);
  clock.advance({ minutes: 10 });
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 30 });
});

test("5.2 an answer that was lost behind the change: the AMS is asked, and the change is not made twice", async () => {
  const world = await createSenders();
  const { own, people, tick, clock } = world;
  const [flag = 0, history = 0] = people;
  for (const [id, operation] of [
    [flag, "SetIndividualInformation"],
    [history, "NewHistoricalActivity"],
  ] as const) {
    await world.unsubscribe(id);
    await sendWritebacksNow(own.ctx);
    own.strike("reset", { operation, times: 1 });
    await tick();
    expect((await world.listOf(id))[0]).toMatchObject({ state: "ready", tries: 0, errorKind: "unreachable" });
    clock.advance({ seconds: 15 });
    await tick();
    expect((await world.listOf(id))[0]).toMatchObject({ state: "sent" });
    expect(await toldOf(world, id)).toEqual({ flags: ["1"], lines: 1 });
  }
});

test("1.3 a bridge that is switched off and a suspended account send nothing; what was decided waits", async () => {
  const world = await createSenders();
  const { own, people, tick, clock, query } = world;
  await configureBridge(own.ctx, { isActive: false });
  await world.unsubscribe(...people.slice(0, 3));
  clock.advance({ minutes: 10 });
  const before = own.simulator.state.callCount;
  await tick();
  await configureBridge(own.ctx, { isActive: true });
  await query(sql`update account set suspended_at = now()`);
  await tick();
  expect(own.simulator.state.callCount).toBe(before);
  await query(sql`update account set suspended_at = null`);
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 3 });
});

test("1.4 sessions are shared with syncs: never more than the bridge's limit, and each gets its part", async () => {
  const world = await createSenders({ bridge: { sessionLimit: 2 } });
  const { own, people, tick, clock } = world;
  await world.unsubscribe(...people);
  clock.advance({ minutes: 10 });
  own.simulator.state.latencyMs = 30;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, own.simulator.state.sessions.active);
  }, 1);
  const requested = [await own.request("Everybody"), await own.request("Board"), await own.request("Nobody")];
  // The writebacks leave one of two sessions to the syncs that wait, and take it when those are through.
  await Promise.all([tick(), own.workAll()]);
  await tick();
  clearInterval(watch);
  expect(most).toBeLessThanOrEqual(2);
  for (const { sync } of requested) expect(await own.workUntilEnded(sync.id)).toMatchObject({ state: "succeeded" });
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: people.length });
  expect(await world.query(sql`select from bridge_session`)).toEqual([]);
});

test("1.4 of a bridge's only session, syncs leave a turn to writebacks that are overdue and ask; to nobody else", async () => {
  const world = await createSenders({ bridge: { sessionLimit: 1 } });
  const { own, people, tick, clock } = world;
  await world.unsubscribe(...people.slice(0, 5));
  clock.advance({ minutes: 40 });
  own.simulator.state.latencyMs = 100;
  const first = await own.request("Everybody");
  const before = own.simulator.state.callCount;
  const running = own.work();
  await expect.poll(() => own.simulator.state.callCount).toBeGreaterThan(before);
  await tick();
  await running;
  expect(await own.workUntilEnded(first.sync.id)).toMatchObject({ state: "succeeded" });
  const second = await own.request("Board");
  await own.work();
  expect((await findSync(own, second.sync.id)).state, "a turn is left").toBe("queued");
  // Nobody sends any more (a copy that waits, no worker): nothing is kept for them.
  clock.advance({ minutes: 1 });
  await own.work();
  expect((await findSync(own, second.sync.id)).state).toBe("succeeded");
  await own.request("Board");
  await tick();
  expect((await summarizeWritebacks(own.ctx)).counts).toMatchObject({ sent: 5 });
});

async function findSync(own: Account, id: string) {
  const [row] = await own.ctx.db.system(
    async (tx) => (await sql<{ state: string }>`select state from sync where id = ${id}`.execute(tx)).rows,
  );
  return must(row, "the sync is there");
}
