import { describeError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { selectAccount } from "../accounts/store.ts";
import { type AccountContext, type Context, inAccount } from "../context.ts";
import { type LetterSection, type LetterText, writeLetter } from "../notices/letter.rules.ts";
import { insertMail } from "../notices/mail-store.ts";
import { lastNightlyDue } from "../target-groups/nightly.rules.ts";
import { digestSections, isDigestDue, mostDays } from "./digest.rules.ts";
import {
  type AccountHour,
  type DigestReader,
  selectAccountHours,
  selectDayFigures,
  selectDigestReaders,
  updateDigestedUntil,
} from "./store.ts";

/** Makes the daily digest of every account whose hour has come, or came while the program was down: once. */
export async function makeDueDigests(ctx: Context): Promise<void> {
  if (!ctx.mail) return;
  const now = ctx.clock.now();
  for (const account of await ctx.db.system(selectAccountHours)) {
    const own = inAccount(ctx, account.accountId, "schedule");
    // One account's trouble is its own: the others have their digest.
    await makeIfDue(own, account, now).catch((error) =>
      own.log.error({ reason: describeError(error) }, "the daily digest could not be made; it is tried again"),
    );
  }
}

async function makeIfDue(ctx: AccountContext, account: AccountHour, now: Temporal.Instant): Promise<void> {
  const { digestedUntil } = account;
  // As the Nightly Sync's: a change of clocks makes a day longer or shorter, and no digest more or less.
  const due = lastNightlyDue(now.toZonedDateTimeISO(account.timeZone), account.digestHour);
  const until = due.toInstant();
  if (digestedUntil !== null && !isDigestDue(due, digestedUntil)) return;
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    if (!(await updateDigestedUntil(tx, ctx.accountId, digestedUntil, until)) || digestedUntil === null) return;
    const readers = await selectDigestReaders(tx, ctx.accountId);
    if (readers.length === 0) return;
    const earliest = until.subtract({ hours: 24 * mostDays });
    const from = Temporal.Instant.compare(digestedUntil, earliest) < 0 ? earliest : digestedUntil;
    const figures = await selectDayFigures(tx, { account: ctx.accountId, from, until });
    const account = await selectAccount(tx, ctx.accountId);
    for (const reader of readers) {
      const sections = digestSections(figures, new Set(reader.types));
      if (sections.length === 0) continue;
      const letter = digestLetter(reader, account?.name ?? "", due.toPlainDate(), sections, ctx.baseUrl);
      await insertMail(
        tx,
        ctx.accountId,
        { ...letter, id: newId(), userId: reader.userId, day: due.toPlainDate() },
        now,
      );
    }
  });
}

function digestLetter(
  { name }: DigestReader,
  account: string,
  day: Temporal.PlainDate,
  sections: readonly LetterSection[],
  baseUrl: string,
): LetterText {
  const date = day.toLocaleString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  return writeLetter(`${account}: daily digest of ${date}`, `Hello ${name},`, sections, baseUrl);
}
