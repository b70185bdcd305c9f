import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import { enqueue } from "../../../platform/jobs.ts";
import type { AccountContext } from "../../context.ts";
import type { Instance } from "../instance.ts";
import { publishJob } from "../jobs.ts";
import { insertInstanceEvent, updateInstanceState } from "./instance-store.ts";

/**
 * Begins with the syncs of an instance's groups, or begins anew: what was synced before counts no more. (product 4.2)
 * The caller holds the instance's row.
 * @param by who decided so; null where it happens by itself
 */
export async function startSyncing(
  tx: Tx,
  ctx: AccountContext,
  instance: Instance,
  message: string,
  by: string | null,
): Promise<void> {
  const now = ctx.clock.now();
  const round = instance.syncingAt === null ? 0 : instance.syncRound + 1;
  await updateInstanceState(
    tx,
    ctx.accountId,
    instance,
    "syncing",
    sql`sync_round = ${round}, first_sync_round = ${round}, retry_at = null, syncing_at = ${now}, building_at = null,
      built_at = null, send_from = null, resumes_in = null, hold_kind = null, hold_message = null, held_at = null`,
  );
  await insertInstanceEvent(tx, ctx.accountId, instance.id, { at: now, state: "syncing", message, by });
  await enqueue(
    tx,
    publishJob,
    { accountId: ctx.accountId, instanceId: instance.id },
    { key: `publish:${instance.id}` },
  );
}
