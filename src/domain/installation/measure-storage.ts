import type { Context } from "../context.ts";
import { beginMeasurement, countRows, endMeasurement, selectCountedTables, selectTableSizes } from "./storage-store.ts";

/** By UTC: after the nights of most accounts, and after the look at the data's own rules. */
const hour = 6;

/**
 * Counts once a night what every account keeps and how large every table is, so that no page has to. One table after
 * another, each in a transaction of its own.
 * @returns whether it was the time, and nobody else's turn
 */
export async function measureIfDue(ctx: Context): Promise<boolean> {
  const local = ctx.clock.now().toZonedDateTimeISO("UTC");
  return local.hour >= hour ? measureStorage(ctx) : false;
}

/** The same at any hour: for who asks before the first night. @returns false when today has been measured */
export async function measureStorage(ctx: Context): Promise<boolean> {
  const now = ctx.clock.now();
  const date = now.toZonedDateTimeISO("UTC").toPlainDate().toString();
  if (!(await ctx.db.system((tx) => beginMeasurement(tx, date, now)))) return false;
  for (const table of await ctx.db.system(selectCountedTables)) await ctx.db.system((tx) => countRows(tx, table, now));
  await ctx.db.system(async (tx) => endMeasurement(tx, date, await selectTableSizes(tx), ctx.clock.now()));
  ctx.log.info({ date }, "counted what is stored");
  return true;
}
