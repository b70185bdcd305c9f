import { sql } from "kysely";
import type { Context } from "../context.ts";

/** How many writebacks wait, are under way or have failed, and for how long the oldest due one waits: for the operator's eyes. */
export function measureWritebacks(ctx: Context): Promise<{
  readonly states: Readonly<Record<"ready" | "processing" | "failed", number>>;
  readonly oldestDueSeconds: number;
}> {
  return ctx.db.system(async (tx) => {
    const now = ctx.clock.now();
    const { rows } = await sql<{ ready: number; processing: number; failed: number; oldest: Temporal.Instant | null }>`
      select count(*) filter (where state = 'ready') as ready, count(*) filter (where state = 'processing') as processing,
        count(*) filter (where state = 'failed') as failed, min(due_at) filter (where state = 'ready') as oldest
      from writeback where state in ('ready', 'processing', 'failed')`.execute(tx);
    const { ready = 0, processing = 0, failed = 0, oldest = null } = rows[0] ?? {};
    const oldestDueSeconds = oldest ? Math.max(0, now.since(oldest).total("seconds")) : 0;
    return { states: { ready, processing, failed }, oldestDueSeconds };
  });
}
