import { onTestFinished } from "vitest";
import { migrationsDirectory } from "../../src/app.ts";
import { SessionPool } from "../../src/domain/bridges/session-pool.ts";
import { Database } from "../../src/platform/database/database.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { newId } from "../../src/platform/ids.ts";
import { migrateJobs } from "../../src/platform/jobs.ts";
import type { ServerConfig } from "./postgres.ts";
import { type Account, actIn, type World } from "./world.ts";

/** A world's first account in a restored database, at work there: the same clock, the same AMS. */
export async function openRestored(
  world: World,
  database: ServerConfig,
): Promise<Pick<World, "ctx" | "database" | "query"> & { readonly own: Account }> {
  await migrate(database, migrationsDirectory);
  await migrateJobs(database);
  const db = new Database({ ...database, max: 6 }, () => {});
  const ctx = { ...world.ctx, db, sessions: new SessionPool() };
  const liveness = await db.holdLiveness();
  const processId = newId();
  await liveness.hold(processId);
  onTestFinished(async () => {
    await ctx.sessions.close();
    await liveness[Symbol.asyncDispose]();
    await db.close();
  });
  const { id: bridge } = await world.own.bridge();
  return {
    ctx,
    database,
    query: (query) => db.system(async (tx) => (await query.execute(tx)).rows),
    own: actIn({ ctx, clock: world.clock, processId }, world.own.simulator, world.own.ctx.accountId, bridge),
  };
}
