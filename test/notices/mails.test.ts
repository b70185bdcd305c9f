import { sql } from "kysely";
import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import { createUser } from "../../src/domain/accounts/create-user.ts";
import { tell } from "../../src/domain/events/tell.ts";
import { chooseNotices } from "../../src/domain/notices/choose.ts";
import { newId } from "../../src/platform/ids.ts";
import { createLog } from "../../src/platform/log.ts";
import { createMailer } from "../../src/platform/mail/mailer.ts";
import { startTestCatcher } from "../harness/relay.ts";
import { startWorkerProcess } from "../harness/worker-process.ts";
import { createWorld } from "../harness/world.ts";

test("notices and digests leave by SMTP as text and HTML; killed after the relay's yes, one goes out again under its Message-ID", async () => {
  const catcher = await startTestCatcher();
  const mail = createMailer(catcher.smtpUrl, "Lockstep <lockstep@example.org>", createLog("silent"));
  const { own, ctx, database, clock, query } = await createWorld({ mail });
  mail.close();
  const now = Temporal.Now.instant();
  clock.set(now.subtract({ minutes: 4 }));
  const { accountId } = own.ctx;
  const { user } = await createUser(
    ctx,
    { email: "nora@example.org", name: "Nora", role: "administrator", accountId },
    "test",
  );
  await own.ctx.db.transaction(accountId, (tx) =>
    tell(tx, own.ctx, "mailing.on_hold", [
      {
        instanceId: newId(),
        mailingId: newId(),
        name: "Frühling\r\nBcc: x@example.org",
        recipients: 12,
        kind: "x",
        reason: "Why.",
      },
    ]),
  );
  const settings = { LOCKSTEP_SMTP_URL: catcher.smtpUrl };
  expect(await startWorkerProcess(database, "notice.after_send", settings).ended()).toBe("SIGKILL");
  const caught = async () =>
    Promise.all(
      catcher.mails.mails.map(async (one) => ({ ...one, ...(await PostalMime.parse(catcher.mails.read(one))) })),
    );
  expect(await caught()).toHaveLength(1);
  // The digest's hour came meanwhile, and something happened since the one before.
  await chooseNotices(own.ctx, user.id, { "subscribers.bad_email": "digest" });
  await query(sql`insert into subscriber (account_id, email, email_key, created_at, updated_at)
    values (${accountId}, 'p@example.org', 'p@example.org', now(), now())`);
  await query(sql`insert into wish_change (account_id, subscriber_id, at, kind, by)
    select account_id, id, ${now}::timestamptz - interval '25 hours', 'bad_email', 'test' from subscriber`);
  await query(sql`update account set digested_until = ${now}::timestamptz - interval '49 hours'`);
  const next = startWorkerProcess(database, "", settings);
  // A process takes its time to start on a busy machine.
  await expect.poll(() => catcher.mails.mails.length, { timeout: 40_000 }).toBe(3);
  await expect
    .poll(() => query(sql`select kind, state from notice_mail order by kind`))
    .toEqual([
      { kind: "digest", state: "sent" },
      { kind: "notices", state: "sent" },
    ]);
  expect(await next.stop()).toBe(0);
  const all = await caught();
  const [digest] = all.filter(({ subject }) => subject?.includes("daily digest"));
  const notices = all.filter(({ subject }) => !subject?.includes("daily digest"));
  expect(notices.map(({ subject }) => subject)).toEqual(
    Array(2).fill("1 mailing on hold: Frühling Bcc: x@example.org: Why."),
  );
  expect(new Set(notices.map(({ messageId }) => messageId)).size).toBe(1);
  expect(all.every(({ text, html }) => text && html)).toBe(true);
  expect(catcher.mails.mails.every(({ to }) => to.join() === "nora@example.org")).toBe(true);
  expect(digest?.text).toContain("1 bad e-mail address");
});
