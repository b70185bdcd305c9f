import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import type { Instance } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import { getInstance } from "../publish/get-instance.ts";
import { findCounts } from "./find-report.ts";
import type { Totals } from "./report.ts";

/** One of several instances side by side. */
export interface Compared {
  readonly instance: Instance;
  readonly totals: Totals;
}

const before = 5;

/** An instance and the five that began before it, itself first. @throws NotFoundError */
export function compareInstances(ctx: AccountContext, id: InstanceId): Promise<readonly Compared[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const instance = await getInstance(tx, ctx, id);
    const earlier = await selectSent(tx, ctx, before, instance);
    return compare(tx, ctx, [id, ...earlier]);
  });
}

/** The latest instances that were sent, the latest first: how engagement goes. */
export function listLatest(ctx: AccountContext, limit: number): Promise<readonly Compared[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => compare(tx, ctx, await selectSent(tx, ctx, limit)));
}

async function compare(tx: Tx, ctx: AccountContext, ids: readonly InstanceId[]): Promise<readonly Compared[]> {
  const compared: Compared[] = [];
  for (const id of ids) {
    const instance = await getInstance(tx, ctx, id);
    compared.push({ instance, totals: (await findCounts(tx, ctx, instance, "totals")).counts });
  }
  return compared;
}

/** Instances that have gone out, by when they were due. `mailing_instance_by_due` serves it. */
async function selectSent(
  tx: Tx,
  ctx: AccountContext,
  limit: number,
  than?: Pick<Instance, "dueAt" | "id">,
): Promise<readonly InstanceId[]> {
  const { rows } = await sql<{ id: InstanceId }>`select id from mailing_instance
    where account_id = ${ctx.accountId} and state = 'sent'
      ${than ? sql`and (due_at, id) < (${than.dueAt}::timestamptz, ${than.id}::uuid)` : sql``}
    order by due_at desc, id desc limit ${limit}`.execute(tx);
  return rows.map(({ id }) => id);
}
