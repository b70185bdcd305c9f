import { paged, rowsAtOnce } from "../../../platform/paged.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import type { Instance } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import { getInstance } from "../publish/get-instance.ts";
import { type Answer, selectAllLeftOut, selectAnswering } from "./answer-store.ts";
import { findCounts } from "./find-report.ts";

/** A list of a report as a file: its rows arrive while it is read. */
export interface ReportExport {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly string[]>;
}

const text = (at: Temporal.Instant | null) => at?.toString() ?? "";

/** Recipients with what they got and did; who took the file stands in the audit log. @throws NotFoundError */
export async function exportRecipients(
  ctx: AccountContext,
  id: InstanceId,
  filter: { readonly answer?: Answer | undefined; readonly search?: string | undefined },
): Promise<ReportExport> {
  const instance = await begin(ctx, id, "recipients");
  const isByPerson = instance.openTracking === "person";
  return {
    name: `${instance.name} recipients`,
    columns: [
      "E-mail address",
      "State",
      "Sent at",
      "Bounced at",
      "Bounce",
      "Reason",
      ...(isByPerson ? ["Opened at (estimate)"] : []),
      "Clicked at",
      "Unsubscribed at",
      "Complained at",
    ],
    rows: paged(
      (after: number | undefined) =>
        ctx.db.transaction(ctx.accountId, (tx) =>
          selectAnswering(tx, ctx.accountId, instance, { ...filter, limit: rowsAtOnce, after }),
        ),
      ({ place }) => place,
      (row) => [
        row.email,
        row.state,
        text(row.sentAt),
        text(row.bouncedAt),
        row.bounceKind ?? "",
        row.reason ?? "",
        ...(isByPerson ? [text(row.openedAt)] : []),
        text(row.clickedAt),
        text(row.unsubscribedAt),
        text(row.complainedAt),
      ],
    ),
  };
}

/** Everybody left out, with the reason. @throws NotFoundError */
export async function exportLeftOut(ctx: AccountContext, id: InstanceId): Promise<ReportExport> {
  const instance = await begin(ctx, id, "left_out");
  return {
    name: `${instance.name} left out`,
    columns: ["Remote ID", "E-mail address", "Reason"],
    rows: paged(
      (after: Parameters<typeof selectAllLeftOut>[4]) =>
        ctx.db.transaction(ctx.accountId, (tx) => selectAllLeftOut(tx, ctx.accountId, id, rowsAtOnce, after)),
      ({ reason, subscriberId }) => ({ reason, subscriberId }),
      ({ remoteId, email, reason }) => [remoteId ?? "", email, reason],
    ),
  };
}

/** Links with their clicks. @throws NotFoundError */
export async function exportLinks(ctx: AccountContext, id: InstanceId): Promise<ReportExport> {
  const instance = await begin(ctx, id, "links");
  const { counts } = await ctx.db.transaction(ctx.accountId, (tx) => findCounts(tx, ctx, instance, "links"));
  async function* rows() {
    for (const { label, url, people, clicks, automatic } of counts)
      yield [label, url, String(people), String(clicks), String(automatic)];
  }
  return {
    name: `${instance.name} links`,
    columns: ["Link", "Leads to", "People", "Clicks", "Automatic clicks"],
    rows: rows(),
  };
}

function begin(ctx: AccountContext, id: InstanceId, what: string): Promise<Instance> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const instance = await getInstance(tx, ctx, id);
    await recordChange(tx, ctx, `instance.export_${what}`, instance.name, { id });
    return instance;
  });
}
