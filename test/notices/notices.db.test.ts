import { sql } from "kysely";
import { expect, test } from "vitest";
import { createUser } from "../../src/domain/accounts/create-user.ts";
import type { Role } from "../../src/domain/accounts/permissions.rules.ts";
import type { User } from "../../src/domain/accounts/user.ts";
import { makeDueDigests } from "../../src/domain/digests/make-digests.ts";
import { tell } from "../../src/domain/events/tell.ts";
import { holdInstance } from "../../src/domain/mailings/publish/hold-instance.ts";
import { chooseNotices, getNoticeSettings } from "../../src/domain/notices/choose.ts";
import type { EventData } from "../../src/domain/notices/event.rules.ts";
import { collectNotices, forgetOldMails, sendNoticeMails } from "../../src/domain/notices/send-notices.ts";
import { unsubscribe } from "../../src/domain/subscribers/change-wish.ts";
import { discardHeldSync } from "../../src/domain/syncs/decide-sync.ts";
import { addWebhook } from "../../src/domain/webhooks/change-webhooks.ts";
import { sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import type { Letter } from "../../src/platform/mail/mailer.ts";
import { WebhookLane } from "../../src/worker/webhook-lane.ts";
import { addMailing, publish } from "../harness/mailings.ts";
import { startReceiver } from "../harness/receiver.ts";
import { type Account, createWorld, type World, type WorldOptions } from "../harness/world.ts";

interface NoticeWorld extends World {
  readonly sent: Letter[];
  /** What the relay says to each letter: throws to refuse. */
  relaySays: (letter: Letter) => void;
  /** One look of the worker. */
  look(): Promise<void>;
  user(role: Role, own?: Account): Promise<User>;
}

async function createNoticeWorld(options: WorldOptions = {}): Promise<NoticeWorld> {
  const sent: Letter[] = [];
  const mail = {
    async send(letter: Letter) {
      world.relaySays(letter);
      sent.push(letter);
    },
    close() {},
  };
  const made = await createWorld({ mail, ...options });
  let people = 0;
  const world: NoticeWorld = {
    ...made,
    sent,
    relaySays: () => {},
    async look() {
      await makeDueDigests(made.ctx);
      await collectNotices(made.ctx);
      await sendNoticeMails(made.ctx, newId(), new AbortController().signal);
    },
    async user(role, own = made.own) {
      people += 1;
      const { accountId } = own.ctx;
      const email = `${role}.${people}@example.org`;
      return (await createUser(made.ctx, { email, name: `Nora ${people}`, role, accountId }, "test")).user;
    },
  };
  return world;
}

const failure = (groupName: string): EventData["sync.failed"] => ({
  ...{ syncId: newId(), kind: "subscriber", trigger: "nightly", groupId: newId(), groupName },
  ...{ startedAt: null, finishedAt: "2030-03-04T03:00:00Z", added: 0, removed: 0, updated: 0, sendable: null },
  ...{ reason: "The AMS didn't answer", errorKind: "unreachable" },
});

const fail = ({ ctx }: Account, names: readonly string[]) =>
  ctx.db.transaction(ctx.accountId, async (tx) => {
    for (const name of names) await tell(tx, ctx, "sync.failed", [failure(name)]);
  });

test("administrators are told at once of what needs them, others of nothing, unless they choose", async () => {
  const { own, user, look, sent, clock } = await createNoticeWorld();
  const [administrator, viewer, keen] = [await user("administrator"), await user("viewer"), await user("viewer")];
  expect((await getNoticeSettings(own.ctx, administrator.id)).choices).toMatchObject({
    "sync.failed": "at_once",
    "sync.succeeded": "none",
  });
  expect(new Set(Object.values((await getNoticeSettings(own.ctx, viewer.id)).choices))).toEqual(new Set(["none"]));
  await chooseNotices(own.ctx, keen.id, { "sync.failed": "at_once" });
  await fail(own, ["Board <b>&"]);
  await look();
  expect(sent, "collected for three minutes").toEqual([]);
  clock.advance({ minutes: 3 });
  await look();
  expect(sent.map(({ to }) => to).sort()).toEqual([administrator.email, keen.email].sort());
  const letter = must(
    sent.find(({ to }) => to === administrator.email),
    "the administrator is told",
  );
  expect(letter.subject).toBe("1 sync failed: Board <b>&: The AMS didn't answer");
  expect(letter.text).toMatch(/http:\/\/127\.0\.0\.1:8080\/syncs\/[\w-]{36}\n/);
  expect(letter.html).toContain("Board &#60;b&#62;&#38;");
  await chooseNotices(own.ctx, administrator.id, { "sync.failed": "none" });
  await fail(own, ["Board"]);
  clock.advance({ hours: 1 });
  await look();
  expect(sent.map(({ to }) => to).slice(2)).toEqual([keen.email]);
});

test("a burst is one mail, and a bad night a few: at most one in half an hour", async () => {
  const { own, user, look, sent, clock } = await createNoticeWorld();
  await user("administrator");
  const names = Array.from({ length: 200 }, (_, group) => `Group ${group}`);
  for (const name of names) {
    await fail(own, [name]);
    clock.advance({ milliseconds: 500 });
    if (name.endsWith("0")) await look();
  }
  clock.advance({ minutes: 3 });
  await look();
  expect(sent.map(({ subject }) => subject)).toEqual(["200 syncs failed"]);
  expect(sent[0]?.text.match(/Group \d+:/g)).toHaveLength(20);
  expect(sent[0]?.text).toContain("and 180 more");
  for (let minute = 0; minute < 120; minute += 1) {
    await fail(own, [`Late ${minute}`]);
    clock.advance({ minutes: 1 });
    await look();
  }
  expect(sent.length).toBeGreaterThan(3);
  expect(sent.length).toBeLessThanOrEqual(5);
});

test("a mailing on hold is told to administrators, and to its owner only by the owner's own message", async () => {
  const { own, user, look, sent, clock } = await createNoticeWorld();
  const [owner, other] = [await user("administrator"), await user("administrator")];
  await own.listSync();
  await own.sync("Board");
  const mailing = await addMailing(own, { to: [(await own.group("Board")).id], ownerId: owner.id });
  const { id } = await publish(own, mailing);
  await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
    holdInstance(tx, own.ctx, id, "sync_failed", "A sync failed."),
  );
  clock.advance({ minutes: 3 });
  await look();
  expect(sent.map(({ to, subject }) => [to, subject])).toEqual([
    [other.email, "1 mailing on hold: News: A sync failed."],
  ]);
  await own.workAll();
});

test("what is rolled back is told to nobody; of many people one line says it", async () => {
  const { own, user, look, sent, clock, query } = await createNoticeWorld();
  const administrator = await user("administrator");
  await chooseNotices(own.ctx, administrator.id, { "subscribers.unsubscribed": "at_once" });
  await own.listSync();
  await own.sync("Everybody");
  const people = await query(sql<{ id: number }>`select id from subscriber where standing = 'sendable'`);
  const no = (isKept: boolean) =>
    own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
      const ids = people.map(({ id }) => id);
      await unsubscribe(tx, own.ctx, ids, { origin: "person", reason: null });
      if (!isKept) throw new Error("rolled back");
    });
  await expect(no(false)).rejects.toThrow("rolled back");
  clock.advance({ minutes: 3 });
  await look();
  expect(sent).toEqual([]);
  await no(true);
  clock.advance({ minutes: 3 });
  await look();
  expect(sent.map(({ subject }) => subject)).toEqual([`${people.length} people unsubscribed: by themselves`]);
});

test("administrators are told of a webhook that was switched off", async () => {
  const { own, ctx, user, look, sent, clock } = await createNoticeWorld();
  await user("administrator");
  const receiver = await startReceiver();
  receiver.answer = (response) => response.writeHead(410).end();
  const { id } = await addWebhook(own.ctx, { url: receiver.url, events: ["sync.held"] });
  await sendTest(own.ctx, id);
  const lane = new WebhookLane(ctx, { processId: newId(), signal: new AbortController().signal });
  await lane.look();
  await lane.settle();
  clock.advance({ minutes: 3 });
  await look();
  expect(sent.map(({ subject }) => subject)).toEqual([
    `1 webhook switched off: ${receiver.url}: It answered 410 Gone: nobody is there any more.`,
  ]);
  expect(sent[0]?.text).toContain(`/admin/webhooks/${id}`);
});

test("a relay that refuses is asked again later, and at last no more; a disabled user gets nothing", async () => {
  const world = await createNoticeWorld();
  const { own, user, look, sent, clock, query } = world;
  const administrator = await user("administrator");
  let tries = 0;
  world.relaySays = () => {
    tries += 1;
    throw new Error("450 try later");
  };
  await fail(own, ["Board"]);
  clock.advance({ minutes: 3 });
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    if (minute % 5 === 0) await look();
    clock.advance({ minutes: 1 });
  }
  expect(tries).toBe(7);
  expect(await query(sql`select state, error, body_text from notice_mail`)).toEqual([
    { state: "given_up", error: "Error: 450 try later", body_text: null },
  ]);
  world.relaySays = () => {};
  await fail(own, ["Board"]);
  await query(sql`update app_user set disabled_at = now() where id = ${administrator.id}`);
  clock.advance({ hours: 1 });
  await look();
  expect(sent).toEqual([]);
  clock.advance({ hours: 24 * 31 });
  await forgetOldMails(world.ctx);
  expect(await query(sql`select from notice_mail`)).toEqual([]);
});

test("a process that died after the relay's yes leaves a mail that goes out again under the same Message-ID", async () => {
  const { own, ctx, user, sent, clock, query } = await createNoticeWorld();
  await user("administrator");
  await fail(own, ["Board"]);
  clock.advance({ minutes: 3 });
  await collectNotices(ctx);
  const dead = newId();
  await sendNoticeMails(ctx, dead, new AbortController().signal);
  // As a kill leaves it: it has left, and nothing was written.
  await query(
    sql`update notice_mail set state = 'sending', run_by = ${dead}, ended_at = null, body_text = 'once more', body_html = ''`,
  );
  await sendNoticeMails(ctx, newId(), new AbortController().signal);
  expect(sent).toHaveLength(2);
  expect(sent[0]?.messageId).toMatch(/^<[\w-]{36}@127\.0\.0\.1>$/);
  expect(sent[1]?.messageId).toBe(sent[0]?.messageId);
  await sendNoticeMails(ctx, newId(), new AbortController().signal);
  expect(sent).toHaveLength(2);
});

test("where no mail is configured nothing is collected, and the settings say so", async () => {
  const { own, user, query } = await createNoticeWorld({ mail: null });
  const administrator = await user("administrator");
  await fail(own, ["Board"]);
  expect(await query(sql`select from notice`)).toEqual([]);
  expect((await getNoticeSettings(own.ctx, administrator.id)).isMailConfigured).toBe(false);
});

test("6.4 nobody chooses for another account's user", async () => {
  const { own, user, addAccount } = await createNoticeWorld();
  const theirs = await user("administrator", await addAccount());
  await expect(chooseNotices(own.ctx, theirs.id, { "sync.failed": "none" })).rejects.toMatchObject({
    code: "not_found",
  });
});

/** Looks every ten minutes until then. @returns at which instants digests left, by account's user */
async function lookUntil(world: NoticeWorld, end: string): Promise<readonly (readonly [string, string])[]> {
  const left: (readonly [string, string])[] = [];
  while (Temporal.Instant.compare(world.clock.now(), Temporal.Instant.from(end)) <= 0) {
    const before = world.sent.length;
    await world.look();
    for (const { to } of world.sent.slice(before)) left.push([to, world.clock.now().toString()]);
    world.clock.advance({ minutes: 10 });
  }
  return left;
}

test("the daily digest leaves at the account's hour in its own zone, once a day, through a change of clocks", async () => {
  const world = await createNoticeWorld({ startsAt: "2030-03-29T00:05:00Z", timeZone: "Europe/Berlin" });
  const { own, user, addAccount, clock } = world;
  const far = await addAccount({ timeZone: "Pacific/Auckland" });
  const [berlin, auckland] = [await user("viewer"), await user("viewer", far)];
  for (const [account, { id }] of [
    [own, berlin],
    [far, auckland],
  ] as const)
    await chooseNotices(account.ctx, id, { "subscribers.unsubscribed": "digest", "sync.failed": "digest" });
  // In Berlin, clocks go on from 2 to 3 on the 31st.
  await world.query(sql`insert into subscriber (account_id, email, email_key, created_at, updated_at)
    select id, 'p' || n || '@example.org', 'p' || n || '@example.org', now(), now() from account, generate_series(1, 60) n`);
  const people = await world.query(
    sql<{ id: number; account: string }>`select id, account_id as account from subscriber`,
  );
  let at = 0;
  const left: (readonly [string, string])[] = [];
  for (const hours of [10, 34, 58, 82]) {
    left.push(...(await lookUntil(world, Temporal.Instant.from("2030-03-29T00:05:00Z").add({ hours }).toString())));
    for (const account of [own, far]) {
      const own_ = people.filter(({ account: id }) => id === account.ctx.accountId);
      const person = must(own_[at], "there are enough");
      await account.ctx.db.transaction(account.ctx.accountId, (tx) =>
        unsubscribe(tx, account.ctx, [person.id], { origin: "person", reason: null }),
      );
    }
    at += 1;
  }
  left.push(...(await lookUntil(world, clock.now().add({ hours: 30 }).toString())));
  const hourOf = (zone: string) => (instant: string) => Temporal.Instant.from(instant).toZonedDateTimeISO(zone);
  const ofBerlin = left.filter(([to]) => to === berlin.email).map(([, instant]) => hourOf("Europe/Berlin")(instant));
  const ofAuckland = left
    .filter(([to]) => to === auckland.email)
    .map(([, instant]) => hourOf("Pacific/Auckland")(instant));
  expect(ofBerlin.map((time) => time.hour)).toEqual([7, 7, 7, 7]);
  expect(ofBerlin.map((time) => time.day)).toEqual([30, 31, 1, 2]);
  expect(ofBerlin.map((time) => time.offset)).toEqual(["+01:00", "+02:00", "+02:00", "+02:00"]);
  expect(ofAuckland.map((time) => time.hour)).toEqual([7, 7, 7, 7]);
  expect(new Set(ofAuckland.map((time) => time.day)).size).toBe(4);
  for (const { subject, text } of world.sent) {
    expect(subject).toMatch(/^Association of Tests: daily digest of \d+ \w+ 2030$/);
    expect(text).toContain("1 person unsubscribed\n- 1 by themselves");
  }
});

test("an hour that a change of clocks skips comes right after it; one that comes twice counts once", async () => {
  const world = await createNoticeWorld({ startsAt: "2030-03-30T12:00:00Z", timeZone: "Europe/Berlin" });
  const { own, user, query } = world;
  const reader = await user("viewer");
  await chooseNotices(own.ctx, reader.id, { "webhook.switched_off": "digest" });
  await query(sql`update account set digest_hour = 2`);
  // Something that waits for somebody is told every day.
  await query(sql`insert into webhook (account_id, id, url, events, is_active, secret_sealed, created_at, created_by, switched_off_reason)
    values (${own.ctx.accountId}, ${newId()}, 'https://example.org/', '{sync.held}', false, '\\x00', now(), 'test', 'gone')`);
  const spring = await lookUntil(world, "2030-03-31T12:00:00Z");
  expect(spring.map(([, at]) => at)).toEqual(["2030-03-31T01:00:00Z"]);
  world.clock.set("2030-10-26T12:00:00Z");
  await world.look();
  const autumn = await lookUntil(world, "2030-10-27T12:00:00Z");
  expect(autumn.map(([, at]) => at)).toEqual(["2030-10-27T00:00:00Z"]);
});

test("a digest says what synced, failed and is held, each with its page; where there is nothing to tell, none leaves", async () => {
  const world = await createNoticeWorld({ startsAt: "2030-03-04T09:00:00Z" });
  const { own, user, clock, sent, look } = world;
  const [reader, idle] = [await user("administrator"), await user("administrator")];
  const types = ["sync.succeeded", "sync.failed", "sync.held", "subscribers.bad_email"] as const;
  await chooseNotices(own.ctx, reader.id, Object.fromEntries(types.map((type) => [type, "digest"])));
  await chooseNotices(own.ctx, idle.id, { "sync.failed": "none", "sync.held": "none", "mailing.sent": "digest" });
  await look();
  await own.listSync();
  const came = (await own.sync("Everybody")).added + (await own.sync("Board")).added;
  const board = must(
    own.simulator.state.jobs.find(({ name }) => name === "Board"),
    "there is one",
  );
  board.size = 0;
  const held = await own.sync("Board");
  own.strike("fault", { operation: "GetQuery" });
  const failed = await own.sync("Everybody");
  own.heal();
  clock.set("2030-03-05T06:59:59Z");
  await look();
  expect(sent).toEqual([]);
  clock.set("2030-03-05T07:00:00Z");
  await Promise.all([makeDueDigests(world.ctx), makeDueDigests(world.ctx), makeDueDigests(world.ctx)]);
  await look();
  await look();
  expect(sent.map(({ to }) => to)).toEqual([reader.email]);
  const { text = "", html } = must(sent[0], "the digest left");
  expect([failed.state, held.state]).toEqual(["failed", "held"]);
  for (const { id } of [failed, held]) expect(text).toContain(`http://127.0.0.1:8080/syncs/${id}`);
  expect(text).toContain(`${came} joined target groups, 0 left them`);
  expect(text).toMatch(/\d syncs? done/);
  expect(html).toContain("<h2");
  await discardHeldSync(own.ctx, held.id);
  clock.set("2030-03-06T07:00:00Z");
  await look();
  expect(sent, "nothing happened since, and nothing waits").toHaveLength(1);
});
