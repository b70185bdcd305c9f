import { appendFile, copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createDatabase, onServer, type ServerConfig } from "../../../test/harness/postgres.ts";
import { SetupError } from "../errors.ts";
import { migrate } from "./migrate.ts";

const landed = join(import.meta.dirname, "..", "..", "..", "migrations");

async function emptyDatabase(): Promise<ServerConfig> {
  const database = await createDatabase("empty");
  onTestFinished(() => database[Symbol.asyncDispose]());
  return database.config;
}

/** A folder of the test's own with these migrations. */
async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lockstep-migrations-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

async function copyOfLanded(): Promise<string> {
  const folder = await folderOf({});
  for (const name of await readdir(landed)) await copyFile(join(landed, name), join(folder, name));
  return folder;
}

/** What a migration that is refused says. */
async function refusal(migrating: Promise<unknown>): Promise<SetupError> {
  const error = await migrating.then(
    () => new Error("it was not refused"),
    (reason: unknown) => reason,
  );
  if (error instanceof SetupError) return error;
  throw error;
}

const applied = (database: ServerConfig) =>
  onServer(database, async (client) => (await client.query("select name from lockstep_migration order by name")).rows);

test("migrations are applied once each when ten start at once on an empty database", async () => {
  const database = await emptyDatabase();
  const names = (await readdir(landed)).filter((name) => name.endsWith(".sql")).sort();
  const results = await Promise.all(Array.from({ length: 10 }, () => migrate(database, landed)));
  expect(results.filter((done) => done.length > 0)).toEqual([names]);
  expect(await applied(database)).toEqual(names.map((name) => ({ name })));
  expect(await migrate(database, landed)).toEqual([]);
});

test("migrations run in the order of their numbers, and a later start applies only what is new", async () => {
  const database = await emptyDatabase();
  const folder = await folderOf({
    "0002-second.sql": "insert into told (line) values ('second')",
    "0001-first.sql": "create table told (at int generated always as identity, line text)",
    "README.md": "not SQL",
  });
  expect(await migrate(database, folder)).toEqual(["0001-first.sql", "0002-second.sql"]);
  await writeFile(join(folder, "0003-third.sql"), "insert into told (line) values ('third')");
  expect(await migrate(database, folder)).toEqual(["0003-third.sql"]);
  const { rows } = await onServer(database, (client) => client.query("select line from told order by at"));
  expect(rows).toEqual([{ line: "second" }, { line: "third" }]);
});

test("migrations of a newer program are named, and the older one refuses to start on them", async () => {
  const database = await emptyDatabase();
  const folder = await copyOfLanded();
  await writeFile(join(folder, "9999-later.sql"), "create table later ()");
  await migrate(database, folder);
  const { code, message, wayOut } = await refusal(migrate(database, landed));
  expect(code).toBe("newer_database");
  expect(message).toBe("The database has 9999-later.sql, which this program doesn't know: a newer Lockstep made it.");
  expect(wayOut).toBe("Start the newer version.");
});

test("migrations that were edited after they were applied are refused by name, and nothing runs", async () => {
  const database = await emptyDatabase();
  const folder = await copyOfLanded();
  await migrate(database, folder);
  const [first = ""] = (await readdir(folder)).sort();
  await appendFile(join(folder, first), "-- a word more\n");
  await writeFile(join(folder, "0999-new.sql"), "create table new ()");
  const { code, message } = await refusal(migrate(database, folder));
  expect(code).toBe("edited_migration");
  expect(message).toContain(first);
  const { rows } = await onServer(database, (client) => client.query("select to_regclass('new') as found"));
  expect(rows).toEqual([{ found: null }]);
});

test("migrations that fail leave nothing of themselves, keep what came before, and go on once mended", async () => {
  const database = await emptyDatabase();
  const folder = await folderOf({
    "0001-fine.sql": "create table fine ()",
    "0002-broken.sql": "create table half (); create table half ();",
  });
  const { code, message } = await refusal(migrate(database, folder));
  expect(code).toBe("migration_failed");
  expect(message).toBe(`0002-broken.sql could not be applied: relation "half" already exists`);
  expect(await applied(database)).toEqual([{ name: "0001-fine.sql" }]);
  await writeFile(join(folder, "0002-broken.sql"), "create table half ()");
  expect(await migrate(database, folder)).toEqual(["0002-broken.sql"]);
});

test("migrations of a process that was killed in the middle are begun anew by the next, which waits for no one", async () => {
  const database = await emptyDatabase();
  const folder = await folderOf({ "0001-slow.sql": "create table slow (); select pg_sleep(60);" });
  const killed = migrate(database, folder).catch((error: unknown) => error);
  await onServer(database, async (client) => {
    for (let ended = 0; ended === 0; ) {
      const { rowCount } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'lockstep-migrate' and query like '%pg_sleep(60)%'`,
      );
      ended = rowCount ?? 0;
    }
  });
  expect(await killed).toBeInstanceOf(SetupError);
  await writeFile(join(folder, "0001-slow.sql"), "create table slow ()");
  expect(await migrate(database, folder)).toEqual(["0001-slow.sql"]);
});
