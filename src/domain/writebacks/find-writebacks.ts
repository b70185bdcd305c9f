import { must, NotFoundError } from "../../platform/errors.ts";
import { selectAccount } from "../accounts/store.ts";
import type { AccountContext } from "../context.ts";
import { type StateCounts, selectCounts, selectDays } from "./count-store.ts";
import { selectWriteback, selectWritebackPage, type WritebackFilter } from "./list-store.ts";
import { daysShown, type Writeback } from "./writeback.ts";

/** One page of the Writeback List, the latest decision first. (product 5.3) */
export function listWritebacks(ctx: AccountContext, filter: WritebackFilter): Promise<readonly Writeback[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectWritebackPage(tx, ctx.accountId, filter));
}

/** @throws NotFoundError when the account has no such writeback */
export async function findWriteback(ctx: AccountContext, id: number): Promise<Writeback> {
  const found = await ctx.db.transaction(ctx.accountId, (tx) => selectWriteback(tx, ctx.accountId, id));
  if (!found) throw new NotFoundError("writeback", String(id));
  return found;
}

export interface WritebackSummary {
  readonly counts: StateCounts;
  /** When the next one that waits is due; null when none waits. */
  readonly nextDueAt: Temporal.Instant | null;
  /** The last 30 days of the account's calendar, the earliest first, today among them. */
  readonly days: readonly { readonly day: string; readonly counts: StateCounts }[];
}

/** How many there are in each state, in all and of each of the last 30 days. */
export function summarizeWritebacks(ctx: AccountContext): Promise<WritebackSummary> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { timeZone } = must(await selectAccount(tx, ctx.accountId), "whoever asks has an account");
    const today = ctx.clock.now().toZonedDateTimeISO(timeZone).toPlainDate();
    return {
      ...(await selectCounts(tx, ctx.accountId)),
      days: await selectDays(tx, ctx.accountId, today, daysShown, timeZone),
    };
  });
}
