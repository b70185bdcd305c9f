import type { Tx } from "../../../platform/database/database.ts";
import { must } from "../../../platform/errors.ts";
import { selectAccount } from "../../accounts/store.ts";
import { type AccountContext, type Context, inAccount } from "../../context.ts";
import type { Instance } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import { getInstance } from "../publish/get-instance.ts";
import { countExclusions } from "../publish/instance-page-store.ts";
import type { ExclusionReason } from "../recipient.ts";
import { countGroups } from "./count-groups.ts";
import { countDomains, countLinks, countOverTime, countTotals } from "./count-store.ts";
import type { ReportParts, Totals } from "./report.ts";
import { lockCount, selectKept, selectStale, upsertKept } from "./report-store.ts";

/**
 * Up to so many recipients are counted at each look, within some 10 ms; of more, the numbers are counted every minute
 * while anything changes, every quarter of an hour from the third day on. A million recipients with 500,000 activities
 * took 3 to 10 s to count on two busy cores, and 10 ms to look at. (product 4.6)
 */
const countedAtOnce = 20_000;

/** A part of a report, and when it was counted. */
export interface Part<Counts> {
  readonly countedAt: Temporal.Instant;
  readonly counts: Counts;
}

/** What the report begins with. */
export interface Report extends Part<Totals> {
  readonly instance: Instance;
  readonly exclusions: Readonly<Record<ExclusionReason, number>>;
}

/** @throws NotFoundError when the account has no such instance */
export function findReport(ctx: AccountContext, id: InstanceId): Promise<Report> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const instance = await getInstance(tx, ctx, id);
    const exclusions = await countExclusions(tx, ctx.accountId, id);
    return { instance, exclusions, ...(await findCounts(tx, ctx, instance, "totals")) };
  });
}

/** One part of a report. @throws NotFoundError when the account has no such instance */
export function findReportPart<Name extends keyof ReportParts>(
  ctx: AccountContext,
  id: InstanceId,
  part: Name,
): Promise<Part<ReportParts[Name]>> {
  return ctx.db.transaction(ctx.accountId, async (tx) => findCounts(tx, ctx, await getInstance(tx, ctx, id), part));
}

/** A part as it is kept, or counted now. */
export async function findCounts<Name extends keyof ReportParts>(
  tx: Tx,
  ctx: AccountContext,
  instance: Instance,
  part: Name,
): Promise<Part<ReportParts[Name]>> {
  const kept = await selectKept(tx, ctx.accountId, instance.id, part, countedAtOnce);
  return kept ?? { countedAt: ctx.clock.now(), counts: await count(tx, ctx, instance, part) };
}

async function count<Name extends keyof ReportParts>(
  tx: Tx,
  ctx: AccountContext,
  instance: Instance,
  part: Name,
): Promise<ReportParts[Name]> {
  const { accountId } = ctx;
  const overTime = async (by: "hour" | "day") => {
    const { timeZone } = must(await selectAccount(tx, accountId), "the account is at hand");
    return countOverTime(tx, accountId, instance.id, by, timeZone);
  };
  const counters: { readonly [Each in keyof ReportParts]: () => Promise<ReportParts[Each]> } = {
    totals: () => countTotals(tx, accountId, instance),
    hours: () => overTime("hour"),
    days: () => overTime("day"),
    links: () => countLinks(tx, accountId, instance.id),
    domains: () => countDomains(tx, accountId, instance),
    groups: () => countGroups(tx, ctx, instance),
  };
  return counters[part]();
}

/** Counts large instances of which something changed, one after another, each in a transaction of its own. */
export async function keepReports(ctx: Context, largerThan = countedAtOnce): Promise<void> {
  const stale = await ctx.db.system((tx) => selectStale(tx, largerThan, ctx.clock.now()));
  for (const { accountId, instanceId } of stale) {
    const own = inAccount(ctx, accountId, "schedule");
    await own.db.transaction(accountId, async (tx) => {
      if (!(await lockCount(tx, instanceId))) return;
      await keepReport(tx, own, instanceId);
    });
  }
}

/** Counts an instance as it stands and keeps its numbers. */
export async function keepReport(tx: Tx, ctx: AccountContext, id: InstanceId): Promise<void> {
  const instance = await getInstance(tx, ctx, id);
  const now = ctx.clock.now();
  const part = <Name extends keyof ReportParts>(name: Name) => count(tx, ctx, instance, name);
  const parts: ReportParts = {
    totals: await part("totals"),
    hours: await part("hours"),
    days: await part("days"),
    links: await part("links"),
    domains: await part("domains"),
    groups: await part("groups"),
  };
  await upsertKept(tx, ctx.accountId, id, parts, now);
}
