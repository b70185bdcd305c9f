import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../clock.ts";
import { migrateJobs } from "../jobs.ts";
import { restoreBackup } from "./backup/restore-backup.ts";
import { writeBackup } from "./backup/write-backup.ts";
import { Database } from "./database.ts";
import { startEmbedded } from "./embedded.ts";
import { migrate } from "./migrate.ts";

const migrationsDirectory = join(import.meta.dirname, "..", "..", "..", "migrations");

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
    await migrate(config, migrationsDirectory);
    await migrateJobs(config);
    const db = new Database({ ...config, max: 2 }, () => {});
    onTestFinished(() => db.close());
    await db.system(async (tx) => {
      const { rows } = await sql<{ name: string }>`select current_user as name`.execute(tx);
      expect(rows).toEqual([{ name: "lockstep_system" }]);
    });
  }
});

test("6.1 a plain owner's backup is all of the data, though they see none of it, and comes back sealed", async () => {
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
  const one = { ...server.config, user: "operator", database: "one" };
  const two = { ...one, database: "two" };
  await migrate(one, migrationsDirectory);
  await onServer(
    { ...server.config, database: "one" },
    "insert into account (id, name, time_zone, created_at) values (gen_random_uuid(), 'One', 'UTC', now())",
  );
  const file = join(folder, "one.backup");
  const options = { madeAt: systemClock.now(), program: "", installation: null, keyId: "", withoutRowsOf: [] };
  const { contents } = await writeBackup(one, file, options);
  expect(contents.tables).toContainEqual(expect.objectContaining({ name: "public.account", rows: 1 }));
  await restoreBackup(two, file, { migrationsDirectory, afterLoad: async () => {} });
  await onServer(
    { ...server.config, database: "two" },
    `do $$ begin
    assert (select count(*) from account) = 1;
    assert (select bool_and(relforcerowsecurity) from pg_class where oid in ('account'::regclass, 'subscriber'::regclass));
  end $$`,
  );
});
