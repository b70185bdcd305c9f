import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { forgetAnswers } from "../../src/domain/accounts/answered-requests.ts";
import type { Mailing } from "../../src/domain/mailings/mailing.ts";
import { erasePerson } from "../../src/domain/people/erase-person.ts";
import { createLog } from "../../src/platform/log.ts";
import { createMailer } from "../../src/platform/mail/mailer.ts";
import { clientOf, startServer } from "../harness/api.ts";
import { startTestCatcher } from "../harness/relay.ts";
import { createWorld, type WorldOptions } from "../harness/world.ts";

async function createAsked(options: WorldOptions = {}) {
  const world = await createWorld(options);
  await world.own.listSync();
  await world.own.sync("Board");
  const { url } = await startServer(world);
  const api = await clientOf(url, world.own);
  const ask = <Body = never>(path: string, body: unknown, key: string, by = api) =>
    by.call<Body>("POST", path, body, { "idempotency-key": key });
  return { ...world, url, api, ask };
}

test("6.2 the same request with the same key has one effect, and its first answer again", async () => {
  const { own, clock, api, ask, query } = await createAsked();
  const first = await ask<Mailing>("/mailings", { name: "News" }, "k1");
  expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([201, null]);
  await api.call("PATCH", `/mailings/${first.body.id}`, { subject: "Changed since" });
  clock.advance({ hours: 23 });
  const again = await ask<Mailing>("/mailings", { name: "News" }, "k1");
  expect([again.status, again.type, again.body]).toEqual([201, first.type, first.body]);
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  const copy = await ask<Mailing>(`/mailings/${first.body.id}/copy`, {}, "k1");
  expect(copy.status, "a key belongs to one path").toBe(201);
  expect((await ask<Mailing>(`/mailings/${first.body.id}/copy`, {}, "k1")).body.id).toBe(copy.body.id);
  const group = (await own.group("Board")).id;
  const resync = () => ask<object>(`/target-groups/${group}/resync`, undefined, "r");
  expect((await resync()).body).toEqual((await resync()).body);
  expect(await query(sql`select 1 from mailing`)).toHaveLength(2);
  expect(await query(sql`select 1 from sync where state = 'queued'`)).toHaveLength(1);
  await own.workAll();
});

test("6.2 a key that came with another body is refused; an answer that said no is kept", async () => {
  const { ask, api, query, own } = await createAsked();
  await ask("/mailings", { name: "News" }, "k1");
  const other = await ask("/mailings", { name: "Other" }, "k1");
  expect(other).toMatchObject({ status: 409, body: { code: "idempotency_key_reused" } });
  expect(await query(sql`select 1 from mailing`)).toHaveLength(1);
  // Whatever can't be read never began.
  expect((await ask("/mailings", { name: 5 }, "k2")).status).toBe(400);
  expect((await ask("/mailings", { name: "Second" }, "k2")).status).toBe(201);
  const [person] = await query(sql<{ id: number }>`select id from subscriber where standing = 'sendable' limit 1`);
  const path = `/subscribers/${person?.id}/unsubscribe`;
  const said = await ask(path, { reason: "by phone" }, "k3");
  expect([said.status, (await ask(path, { reason: "by phone" }, "k3")).body]).toEqual([200, said.body]);
  const no = await ask(path, { reason: "again" }, "k4");
  expect(no).toMatchObject({ status: 409, body: { code: "unsubscribed_already" } });
  await api.call("POST", `/subscribers/${person?.id}/resubscribe`, { reason: "" });
  expect(await ask(path, { reason: "again" }, "k4")).toMatchObject({ status: 409, body: no.body });
  for (const key of ["", "x".repeat(201)])
    expect((await ask("/mailings", { name: "News" }, key)).status, `'${key.slice(0, 5)}'`).toBe(400);
  await own.workAll();
});

test("6.2 one key at the same time twice: one effect; the other is told that it is under way, or gets its answer", async () => {
  const { ask, query } = await createAsked();
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask<Mailing>("/mailings", { name: "News" }, "k")));
  expect(await query(sql`select 1 from mailing`)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
  for (const { status, body } of answers)
    if (status !== 201)
      expect({ status, body }).toMatchObject({ status: 409, body: { code: "idempotency_key_in_use" } });
});

test("6.2 a request that was cut off is never done twice by its key", async () => {
  const { ask, query, clock } = await createAsked();
  await ask("/mailings", { name: "News" }, "k");
  await query(sql`update answered_request set status = null, answer = null`);
  clock.advance({ minutes: 20 });
  expect(await ask("/mailings", { name: "News" }, "k")).toMatchObject({
    status: 409,
    body: { code: "idempotency_outcome_unknown" },
  });
  expect(await query(sql`select 1 from mailing`)).toHaveLength(1);
});

test("6.2 a test send with a key leaves once; one that came too soon may be tried again with its key", async () => {
  const catcher = await startTestCatcher();
  const mail = createMailer(catcher.smtpUrl, "Lockstep <lockstep@example.org>", createLog("silent"));
  onTestFinished(() => mail.close());
  const { api, ask, clock } = await createAsked({ mail });
  const { id } = await api.post<Mailing>("/mailings", { name: "News" });
  await api.call("PUT", "/account", { postalAddress: "1 Example Street" });
  const written = { subject: "Hi", bodyKind: "html", body: "<p>Hi</p>", fromAddress: "news@example.org" };
  await api.call("PATCH", `/mailings/${id}`, written);
  for (let times = 0; times < 3; times += 1)
    expect((await ask(`/mailings/${id}/test-sends`, { to: ["a@example.org"] }, "t")).status).toBe(204);
  expect(catcher.mails.mails).toHaveLength(1);
  const to = Array.from({ length: 10 }, (_, at) => `b${at}@example.org`);
  for (let times = 0; times < 9; times += 1) await api.call("POST", `/mailings/${id}/test-sends`, { to });
  expect((await ask(`/mailings/${id}/test-sends`, { to }, "late")).status).toBe(429);
  clock.advance({ minutes: 61 });
  expect((await ask(`/mailings/${id}/test-sends`, { to }, "late")).status).toBe(204);
  expect(catcher.mails.mails).toHaveLength(101);
});

test("6.2 keys are forgotten after a day; 6.4 another account's and another caller's are their own; 2.6 erasing forgets answers", async () => {
  const { own, addAccount, url, api, ask, query, clock } = await createAsked();
  const kept = () => query(sql`select 1 from answered_request`);
  const first = await ask<Mailing>("/mailings", { name: "News" }, "k");
  const stranger = await clientOf(url, await addAccount());
  const theirs = await ask<Mailing>("/mailings", { name: "News" }, "k", stranger);
  expect([theirs.status, theirs.body.id === first.body.id]).toEqual([201, false]);
  const colleague = await clientOf(url, own);
  expect((await ask<Mailing>("/mailings", { name: "News" }, "k", colleague)).body.id).not.toBe(first.body.id);
  const [person] = await query(
    sql<{ id: number; email: string }>`select id, email from subscriber where standing = 'sendable' limit 1`,
  );
  await ask(`/subscribers/${person?.id}/unsubscribe`, { reason: "" }, "k");
  expect(await kept()).toHaveLength(4);
  await erasePerson(own.ctx, person?.id ?? 0, person?.email ?? "");
  expect(await kept()).toHaveLength(3);
  clock.advance({ hours: 23, minutes: 59 });
  await forgetAnswers(own.ctx);
  expect(await kept()).toHaveLength(3);
  clock.advance({ minutes: 2 });
  await forgetAnswers(own.ctx);
  expect(await kept()).toEqual([]);
  expect((await ask<Mailing>("/mailings", { name: "News" }, "k")).body.id).not.toBe(first.body.id);
  await api.get("/mailings");
  await own.workAll();
});
