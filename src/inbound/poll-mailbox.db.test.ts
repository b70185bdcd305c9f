import { sql } from "kysely";
import { expect, test } from "vitest";
import { reportOf } from "../../test/harness/bounces.ts";
import { startDovecot, testWithDovecot } from "../../test/harness/dovecot.ts";
import { startMailbox } from "../../test/harness/mailbox.ts";
import { createInstance } from "../../test/harness/mailing.ts";
import { createWorld } from "../../test/harness/world.ts";
import { pollMailbox } from "./poll-mailbox.ts";

test("4.5 bounces from a mailbox are judged once and moved; what names nobody of ours changes nothing", async () => {
  const world = await createWorld();
  const { own, ctx } = world;
  await own.listSync();
  await own.sync("Everybody");
  const instance = await createInstance(own.ctx);
  const mailbox = await startMailbox();
  const about = instance.recipients[0]?.email ?? "";
  const hard = { about, status: "5.1.1", said: "550 5.1.1 user unknown" };
  const to = instance.returnPath(1);
  mailbox.deliver(`Delivered-To: ${to.toUpperCase()}\r\n${reportOf({ to: "bounces@example.org", ...hard })}`);
  mailbox.deliver(reportOf({ to: "bounces@example.org", ...hard }));
  mailbox.deliver(reportOf({ to: to.replace("b-", "b-a"), ...hard }));
  mailbox.deliver("From: maria@example.org\r\nSubject: Hello\r\n\r\nHow are you?\r\n");
  expect(await pollMailbox(ctx, mailbox.url)).toBe(4);
  expect(mailbox.folders.get("INBOX")?.size).toBe(0);
  expect(mailbox.folders.get("Lockstep")?.size).toBe(4);
  mailbox.deliver(reportOf({ to, ...hard }));
  expect(await pollMailbox(ctx, mailbox.url)).toBe(1);
  expect(await pollMailbox(ctx, mailbox.url)).toBe(0);
  const states = await world.query(sql<{ state: string }>`select state from recipient order by place`);
  expect(states.map(({ state }) => state)).toEqual(["bounced", "sent", "sent"]);
  const [bad] = await world.query(
    sql<{ count: number }>`select count(*) from subscriber where bad_email_at is not null`,
  );
  expect(bad?.count).toBe(1);
  const [count] = await world.query(sql<{ count: number }>`select count(*) from mailing_activity`);
  expect(count?.count, "the second report found the first").toBe(1);
});

testWithDovecot.each([
  { prefix: "", separator: "/" },
  { prefix: "INBOX.", separator: "." },
])("4.5 a real IMAP server (Dovecot, folders under '$prefix'): bounces are judged once and moved", async (layout) => {
  const world = await createWorld();
  const { own, ctx } = world;
  await own.listSync();
  await own.sync("Everybody");
  const instance = await createInstance(own.ctx);
  const mailbox = await startDovecot(layout);
  const report = (place: number) => {
    const to = instance.returnPath(place);
    const about = instance.recipients[place - 1]?.email ?? "";
    return reportOf({ to, about, status: "5.1.1", said: "550 5.1.1 user unknown" });
  };
  expect(await pollMailbox(ctx, mailbox.url), "an empty one").toBe(0);
  await mailbox.deliver(report(1));
  await mailbox.deliver("From: maria@example.org\r\nSubject: Hello\r\n\r\nHow are you?\r\n");
  expect(await pollMailbox(ctx, mailbox.url)).toBe(2);
  expect([await mailbox.count("INBOX"), await mailbox.count("Lockstep")]).toEqual([0, 2]);
  // The folder is there now; a mail that is longer than is read is judged by its beginning.
  await mailbox.deliver(report(1));
  await mailbox.deliver(`${report(2)}\r\n${"x".repeat(78).concat("\r\n").repeat(30_000)}`);
  expect(await pollMailbox(ctx, mailbox.url)).toBe(2);
  expect(await pollMailbox(ctx, mailbox.url)).toBe(0);
  expect([await mailbox.count("INBOX"), await mailbox.count("Lockstep")]).toEqual([0, 4]);
  const states = await world.query(sql<{ state: string }>`select state from recipient order by place`);
  expect(states.map(({ state }) => state)).toEqual(["bounced", "bounced", "sent"]);
  await expect(pollMailbox(ctx, mailbox.url.replace("p%40ss", "wrong"))).rejects.toThrow();
});

test("4.5 a mail whose hand-over isn't finished stays in the mailbox for the next look", async () => {
  const world = await createWorld();
  const { own, ctx, query } = world;
  await own.listSync();
  await own.sync("Everybody");
  const instance = await createInstance(own.ctx);
  const mailbox = await startMailbox();
  const to = instance.returnPath(1);
  mailbox.deliver(reportOf({ to, about: "x@y.zz", status: "5.1.1", said: "550 user unknown" }));
  await query(sql`update recipient set state = 'handing_over', claimed_by = gen_random_uuid() where place = 1`);
  expect(await pollMailbox(ctx, mailbox.url)).toBe(0);
  await query(sql`update recipient set state = 'sent' where place = 1`);
  expect(await pollMailbox(ctx, mailbox.url)).toBe(1);
  expect(mailbox.folders.get("INBOX")?.size).toBe(0);
});

test("4.5 a mailbox that refuses the sign-in is an error that the schedule tells, not silence", async () => {
  const world = await createWorld();
  const mailbox = await startMailbox();
  await expect(pollMailbox(world.ctx, mailbox.url.replace("p%40ss", "wrong"))).rejects.toThrow();
});
