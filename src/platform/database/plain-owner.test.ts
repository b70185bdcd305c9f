import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { migrateJobs } from "../jobs.ts";
import { Database } from "./database.ts";
import { startEmbedded } from "./embedded.ts";
import { migrate } from "./migrate.ts";

async function onServer(config: pg.PoolConfig, ...statements: string[]): Promise<void> {
  const client = new pg.Client(config as pg.ClientConfig);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

test("6.1 a database's owner who may make roles, and nothing more, brings the schema up and works in it", async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "lockstep-owner-")));
  await chmod(folder, 0o755);
  const server = await startEmbedded(folder);
  onTestFinished(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await onServer(
    server.config,
    "create role operator login createrole",
    "create database one owner operator",
    "create database two owner operator",
  );
  for (const database of ["one", "two"]) {
    const config = { ...server.config, user: "operator", database };
    await migrate(config, join(import.meta.dirname, "..", "..", "..", "migrations"));
    await migrateJobs(config);
    const db = new Database({ ...config, max: 2 }, () => {});
    onTestFinished(() => db.close());
    await db.system(async (tx) => {
      const { rows } = await sql<{ name: string }>`select current_user as name`.execute(tx);
      expect(rows).toEqual([{ name: "lockstep_system" }]);
    });
  }
});
