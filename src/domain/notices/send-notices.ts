import { crashPoint } from "../../platform/crash-point.ts";
import { describeError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import type { Mailer } from "../../platform/mail/mailer.ts";
import { selectUser } from "../accounts/user-store.ts";
import { type Context, inAccount } from "../context.ts";
import { noticesLetter } from "./letter.rules.ts";
import {
  deleteOldMails,
  endMail,
  insertMail,
  postponeMail,
  releaseMails,
  type TakenMail,
  takeMail,
} from "./mail-store.ts";
import { mailDueAt } from "./notice.rules.ts";
import { type Collected, selectCollected, takeNotices } from "./store.ts";

/** After a failed try, minutes until the next; then it is given up. */
const retryMinutes = [1, 5, 15, 60, 240, 720] as const;
/** How long it is known that a mail was sent. */
const keptDays = 30;

/** Makes one mail of what was collected for each user whose time has come. */
export async function collectNotices(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  for (const collected of await ctx.db.system(selectCollected)) {
    if (Temporal.Instant.compare(mailDueAt(collected.firstAt, collected.lastMailAt), now) <= 0)
      await makeMail(inAccount(ctx, collected.accountId, "worker"), collected);
  }
}

async function makeMail(ctx: ReturnType<typeof inAccount>, { accountId, userId }: Collected): Promise<void> {
  await ctx.db.transaction(accountId, async (tx) => {
    const notices = await takeNotices(tx, accountId, userId);
    const user = await selectUser(tx, userId);
    if (notices.length === 0 || !user || user.disabledAt) return;
    const letter = noticesLetter(user.name, notices, ctx.baseUrl);
    await insertMail(tx, accountId, { ...letter, id: newId(), userId, day: null }, ctx.clock.now());
  });
}

/**
 * Sends the mails whose time has come, one after another. A process that dies between the relay's yes and our commit
 * leaves a mail that is sent again, under the same Message-ID: two are better than none.
 */
export async function sendNoticeMails(ctx: Context, processId: string, signal: AbortSignal): Promise<void> {
  if (!ctx.mail) return;
  await ctx.db.system((tx) => releaseMails(tx, processId, ctx.clock.now()));
  while (!signal.aborted) {
    const mail = await ctx.db.system((tx) => takeMail(tx, processId, ctx.clock.now()));
    if (!mail) return;
    await send(ctx, ctx.mail, mail);
  }
}

async function send(ctx: Context, mailer: Mailer, mail: TakenMail): Promise<void> {
  const user = await ctx.db.system((tx) => selectUser(tx, mail.userId));
  const { accountId } = mail;
  if (!user || user.disabledAt) {
    await ctx.db.transaction(accountId, (tx) => endMail(tx, mail, "the user is disabled", ctx.clock.now()));
    return;
  }
  const { subject, text, html } = mail;
  const messageId = `<${mail.id}@${new URL(ctx.baseUrl).hostname}>`;
  try {
    await mailer.send({ to: user.email, subject, text, html, messageId });
  } catch (error) {
    await putOff(ctx, mail, describeError(error));
    return;
  }
  crashPoint("notice.after_send");
  await ctx.db.transaction(accountId, (tx) => endMail(tx, mail, null, ctx.clock.now()));
}

async function putOff(ctx: Context, mail: TakenMail, reason: string): Promise<void> {
  const minutes = retryMinutes[mail.tries - 1];
  const now = ctx.clock.now();
  ctx.log.warn({ account: mail.accountId, reason, isTriedAgain: minutes !== undefined }, "a notice could not be sent");
  await ctx.db.transaction(mail.accountId, (tx) =>
    minutes === undefined ? endMail(tx, mail, reason, now) : postponeMail(tx, mail, reason, now.add({ minutes })),
  );
}

export function forgetOldMails(ctx: Context): Promise<void> {
  return ctx.db.system((tx) => deleteOldMails(tx, ctx.clock.now().subtract({ hours: 24 * keptDays })));
}
