import { sql } from "kysely";
import type { Context } from "../domain/context.ts";

/** How many worker processes live on this database, by the liveness locks they hold: two each. */
export function measureWorkers(ctx: Context): Promise<number> {
  return ctx.db.system(async (tx) => {
    const { rows } = await sql<{ workers: number }>`
      select count(distinct pid) as workers from pg_locks where locktype = 'advisory' and classid = 7001 and objsubid = 2
        and database = (select oid from pg_database where datname = current_database())`.execute(tx);
    return rows[0]?.workers ?? 0;
  });
}
