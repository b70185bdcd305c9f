import type { Tx } from "../../platform/database/database.ts";
import type { Account } from "../accounts/account.ts";
import { takeRemoved } from "../accounts/removed-between-nights.ts";
import type { AccountContext } from "../context.ts";
import { closeOldReport, deleteOldActivity, deleteOldExclusions } from "../mailings/report/forget-detail.ts";
import { deleteOvertakenVersions } from "../mailings/versions/store.ts";
import { versionsKeptDays } from "../mailings/versions/version.rules.ts";
import { deleteOldSyncDetail, deleteOldVerdicts } from "../syncs/forget-detail.ts";
import type { RemovedKind } from "./housekeeping.ts";
import { selectMark, upsertMark } from "./store.ts";

/** Rows of one kind that go in one transaction: some tens of milliseconds, so that nobody waits behind it. */
const rowsAtOnce = 5000;

export interface Batch {
  readonly removed: Partial<Record<RemovedKind, number>>;
  readonly isMore: boolean;
}

export interface Step {
  readonly name: string;
  /** One batch, in a transaction of its own. Killed before its commit, it is as if it had never begun. */
  run(tx: Tx, ctx: AccountContext, account: Account): Promise<Batch>;
}

const nothing: Batch = { removed: {}, isMore: false };

/** The instant before which something goes that is kept so many days; null when it is kept for ever. */
function cutoff(ctx: AccountContext, days: number | null): Temporal.Instant | null {
  return days === null ? null : ctx.clock.now().subtract({ hours: days * 24 });
}

/** In this order: a report is closed before anything that it counts goes. */
export const steps: readonly Step[] = [
  {
    name: "reports",
    async run(tx, ctx, { mailingDetailKeptDays }) {
      const before = cutoff(ctx, mailingDetailKeptDays);
      return before ? { removed: {}, isMore: await closeOldReport(tx, ctx, before) } : nothing;
    },
  },
  {
    name: "activity",
    async run(tx, ctx, { mailingDetailKeptDays }) {
      const before = cutoff(ctx, mailingDetailKeptDays);
      return before ? one("activity", await deleteOldActivity(tx, ctx.accountId, before, rowsAtOnce)) : nothing;
    },
  },
  {
    name: "left_out",
    async run(tx, ctx) {
      return one("left_out", await deleteOldExclusions(tx, ctx.accountId, rowsAtOnce));
    },
  },
  {
    name: "sync_detail",
    async run(tx, ctx, { syncDetailKeptDays }) {
      const before = cutoff(ctx, syncDetailKeptDays);
      if (!before) return nothing;
      const after = await selectMark(tx, ctx.accountId, "sync_detail");
      const { events, rejectedRows, mark } = await deleteOldSyncDetail(tx, ctx.accountId, before, after, rowsAtOnce);
      if (!mark) return nothing;
      await upsertMark(tx, ctx.accountId, "sync_detail", mark);
      return { removed: { sync_events: events, rejected_rows: rejectedRows }, isMore: true };
    },
  },
  {
    name: "verdicts",
    async run(tx, ctx, { syncDetailKeptDays }) {
      const before = cutoff(ctx, syncDetailKeptDays);
      return before ? one("verdicts", await deleteOldVerdicts(tx, ctx.accountId, before, rowsAtOnce)) : nothing;
    },
  },
  {
    name: "versions",
    async run(tx, ctx) {
      const before = ctx.clock.now().subtract({ hours: versionsKeptDays * 24 });
      return one("versions", await deleteOvertakenVersions(tx, ctx.accountId, before, rowsAtOnce));
    },
  },
  {
    name: "between_nights",
    async run(tx, ctx) {
      return { removed: await takeRemoved(tx, ctx.accountId), isMore: false };
    },
  },
];

function one(kind: RemovedKind, rows: number): Batch {
  return { removed: { [kind]: rows }, isMore: rows === rowsAtOnce };
}
