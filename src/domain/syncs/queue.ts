import { sql } from "kysely";
import type { Context } from "../context.ts";
import { endedStates } from "./store.ts";

/** How much waits and for how long, over all accounts: for the operator's eyes. */
export function measureQueue(ctx: Context): Promise<{
  readonly states: readonly { readonly state: string; readonly syncs: number }[];
  readonly oldestSeconds: number;
}> {
  return ctx.db.system(async (tx) => {
    const { rows } = await sql<{ state: string; syncs: number; oldest: Temporal.Instant }>`
      select state, count(*) as syncs, min(requested_at) as oldest from sync
      where state not in ${endedStates} group by state`.execute(tx);
    const waiting = rows.find((row) => row.state === "queued");
    const oldestSeconds = waiting ? Math.max(0, ctx.clock.now().since(waiting.oldest).total("seconds")) : 0;
    return { states: rows.map(({ state, syncs }) => ({ state, syncs })), oldestSeconds };
  });
}
