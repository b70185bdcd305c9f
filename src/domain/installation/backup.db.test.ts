import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { createDatabase, onServer, type ServerConfig } from "../../../test/harness/postgres.ts";
import { sendMailings } from "../../../test/harness/sent-mailings.ts";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { checkBackup } from "../../platform/database/backup/read-backup.ts";
import { restoreBackup } from "../../platform/database/backup/restore-backup.ts";
import { writeBackup } from "../../platform/database/backup/write-backup.ts";
import { Database } from "../../platform/database/database.ts";
import { migrate } from "../../platform/database/migrate.ts";
import { newId } from "../../platform/ids.ts";
import { migrateJobs } from "../../platform/jobs.ts";
import { SessionPool } from "../bridges/session-pool.ts";
import { changeMailing } from "../mailings/content/change-mailing.ts";
import { createMailing } from "../mailings/content/create-mailing.ts";
import { findSync } from "../syncs/find-syncs.ts";
import { verifyData } from "../syncs/verify.ts";
import { workOnBridge } from "../syncs/work-on-bridge.ts";
import { settleRestored } from "./settle-restored.ts";

const migrationsDirectory = join(import.meta.dirname, "..", "..", "..", "migrations");
const withoutRowsOf = ["public.user_session", "public.password_link"];

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lockstep-backup-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function emptyDatabase(): Promise<ServerConfig> {
  const database = await createDatabase("empty");
  onTestFinished(() => database[Symbol.asyncDispose]());
  return database.config;
}

function backUp(world: World, file: string, onRows = () => {}) {
  const options = { madeAt: world.clock.now(), program: "0.1.0", installation: null, keyId: world.ctx.secrets.keyId };
  return writeBackup(world.database, file, { ...options, withoutRowsOf, onRows });
}

function restoreInto(database: ServerConfig, file: string, world: World) {
  return restoreBackup(database, file, {
    migrationsDirectory,
    afterLoad: (client, origin) => settleRestored(client, origin.madeAt, world.clock.now()),
  });
}

/** Every table that a backup takes, with a digest of all of its rows in an order of their own. */
function digests(database: ServerConfig): Promise<Record<string, string>> {
  return onServer(database, async (client) => {
    await client.query("set timezone = 'UTC'");
    const { rows: tables } = await client.query(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', 'operation') and c.relkind = 'r' order by 1`,
    );
    const found: Record<string, string> = {};
    for (const { name } of tables) {
      const { rows } = await client.query(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '') as digest from ${name} t`,
      );
      found[name] = rows[0].digest;
    }
    return found;
  });
}

/** Constraints, indexes, triggers, policies: what a restore takes apart and must put together again. */
function schemaOf(database: ServerConfig): Promise<unknown> {
  return onServer(database, async (client) => {
    const { rows } = await client.query(`
      select conrelid::regclass::text as of, conname as name, pg_get_constraintdef(oid) as text from pg_constraint where connamespace = 'public'::regnamespace
      union all select tgrelid::regclass::text, tgname, tgenabled::text from pg_trigger where not tgisinternal
      union all select tablename, indexname, indexdef from pg_indexes where schemaname in ('public', 'operation')
      union all select oid::regclass::text, 'rls', relrowsecurity || ' ' || relforcerowsecurity from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
      order by 1, 2, 3`);
    return rows;
  });
}

/** People, groups, histories, mailings with their answers; text that needs escaping. */
async function fill(world: World): Promise<void> {
  const { own, query } = world;
  await own.listSync();
  own.changePerson(3, { ind_first_name: "Tab\there, back\\slash", ind_last_name: "O'Neil \\. \u{1F33B}" });
  await own.sync("Everybody");
  await own.sync("Board");
  const { id } = await own.group("Everybody");
  const people = await query<{ id: number }>(sql`select id from subscriber order by id limit 120`);
  await sendMailings(world, { names: ["First", "Second"], to: people.map((one) => one.id), groups: [id] });
  const { id: mailing } = await createMailing(own.ctx, { name: "Third" });
  await changeMailing(own.ctx, mailing, { subject: "Tab\tno, back\\slash" });
  await query(
    sql`insert into image (account_id, id, file_name, media_type, content, width, height, created_at, created_by)
      values (${own.ctx.accountId}, gen_random_uuid(), ${"new\nline \\N \\."}, 'image/png', decode(repeat('00ff0a5c2e0a', 20000), 'hex'), 1, 1, now(), 'test')`,
  );
}

test("6.1 a backup, taken while others write, is restored as what stood at its beginning", async () => {
  const world = await createWorld();
  await fill(world);
  const file = join(await createFolder(), "all.backup");
  const before = await digests(world.database);
  // From the first row on, others write into tables that come later.
  let writing: Promise<unknown> | undefined;
  const { contents } = await backUp(world, file, () => {
    writing ??= world.query(sql`update subscriber set email = 'late.' || email`);
  });
  await writing;
  expect(writing).toBeDefined();
  expect(contents.tables.find(({ name }) => name === "public.subscriber")?.rows).toBe(291);
  expect(contents.tables.find(({ name }) => name === "public.mailing_version")?.rows).toBe(2);
  const copy = await emptyDatabase();
  await restoreInto(copy, file, world);
  const after = await digests(copy);
  const ofThePlace = ["public.lockstep_migration", "operation.installation", "public.user_session"];
  for (const name of [...ofThePlace, "lockstep_migration"]) {
    delete before[name];
    delete after[name];
  }
  expect(after).toEqual(before);
  expect(await schemaOf(copy)).toEqual(await schemaOf(world.database));
  // The next rows draw ids that nobody has.
  const next = await onServer(copy, (client) =>
    client.query("select nextval('subscriber_id_seq') > max(id) as is_free from subscriber"),
  );
  expect(next.rows).toEqual([{ is_free: true }]);
});

test("6.1 a backup that is cut off, altered or another file is refused by name, and nothing is changed", async () => {
  const world = await createWorld();
  await fill(world);
  const folder = await createFolder();
  const file = join(folder, "all.backup");
  await backUp(world, file);
  const whole = await readFile(file);
  const plain = zstdDecompressSync(whole).toString("latin1");
  const alter = (from: string | RegExp, to: string) => zstdCompressSync(Buffer.from(plain.replace(from, to), "latin1"));
  const flipped = Buffer.from(whole);
  flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 0x10;
  const ends = plain.lastIndexOf("\n-- contents: ");
  const broken: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
    "nothing in it": [Buffer.alloc(0), /unexpected end of file/],
    "cut in half": [whole.subarray(0, whole.length >> 1), /can't be restored/],
    // The packer ends with an empty frame of nine bytes: without it all is there, and proven by its digest.
    "cut by ten bytes": [whole.subarray(0, whole.length - 10), /can't be restored/],
    "a bit turned": [flipped, /can't be restored/],
    "a word changed": [alter("Everybody", "Everybodi"), /it was altered/],
    "a row less": [alter(/(\ncopy public\.subscriber [^\n]+)\n[^\n]+/, "$1"), /it was altered/],
    "cut before its end, packed anew": [
      zstdCompressSync(Buffer.from(plain.slice(0, ends + 1), "latin1")),
      /ends in the middle/,
    ],
    "something behind it": [zstdCompressSync(Buffer.from(`${plain}select 1;\n`, "latin1")), /stands behind its end/],
    "another file": [zstdCompressSync(Buffer.from("-- PostgreSQL database dump\n")), /no backup of Lockstep/],
    "not packed": [Buffer.from(plain.slice(0, 5000), "latin1"), /can't be restored/],
  };
  const copy = await emptyDatabase();
  for (const [name, [bytes, reason]] of Object.entries(broken)) {
    const path = join(folder, `${name}.backup`);
    await writeFile(path, bytes);
    const error: Error = await restoreInto(copy, path, world).then(
      () => new Error("it was restored"),
      (thrown) => thrown,
    );
    expect({ name, code: (error as { code?: string }).code, message: error.message }).toEqual({
      name,
      code: "bad_backup",
      message: expect.stringMatching(reason),
    });
  }
  await expect(restoreInto(copy, join(folder, "not there"), world)).rejects.toMatchObject({ code: "no_backup" });
  const { rows } = await onServer(copy, (client) =>
    client.query("select count(*)::int as tables from pg_class where relnamespace = 'public'::regnamespace"),
  );
  expect(rows).toEqual([{ tables: 0 }]);
  await restoreInto(copy, file, world);
});

test("6.1 a backup goes into an empty database only, and a second one leaves the first as it is", async () => {
  const world = await createWorld();
  await fill(world);
  const file = join(await createFolder(), "all.backup");
  await backUp(world, file);
  const before = await digests(world.database);
  await expect(restoreInto(world.database, file, world)).rejects.toMatchObject({ code: "not_empty" });
  const others = await emptyDatabase();
  await onServer(others, (client) => client.query("create table somebody_elses (id int)"));
  await expect(restoreInto(others, file, world)).rejects.toMatchObject({ code: "not_empty" });
  expect(await digests(world.database)).toEqual(before);
  await expect(backUp(world, file)).rejects.toMatchObject({ code: "file_exists" });
  // A schema without a row is as good as none.
  const fresh = await emptyDatabase();
  await migrate(fresh, migrationsDirectory);
  await restoreInto(fresh, file, world);
});

test("6.1 an interrupted backup leaves no file that looks whole", async () => {
  const world = await createWorld();
  await fill(world);
  const folder = await createFolder();
  const stopping = new AbortController();
  const stopped = writeBackup(world.database, join(folder, "all.backup"), {
    madeAt: world.clock.now(),
    program: "0.1.0",
    installation: null,
    keyId: "",
    withoutRowsOf,
    onRows: () => stopping.abort(),
    signal: stopping.signal,
  });
  await expect(stopped).rejects.toThrow(/abort/i);
  expect(await readdir(folder)).toEqual([]);
  await expect(backUp(world, join(folder, "no such folder", "all.backup"))).rejects.toMatchObject({
    code: "backup_not_written",
  });
});

test("6.1 a backup holds no secret in clear, and nobody's session", async () => {
  const world = await createWorld();
  await fill(world);
  const file = join(await createFolder(), "all.backup");
  await backUp(world, file);
  const plain = zstdDecompressSync(await readFile(file)).toString("latin1");
  expect(plain).not.toContain("\tdemo\t");
  expect(plain).not.toMatch(/copy public\.(user_session|password_link) /);
  expect(plain).toContain("copy public.subscriber ");
  const { origin } = await checkBackup(file);
  expect(origin).toMatchObject({
    keyId: world.ctx.secrets.keyId,
    withoutRowsOf: expect.arrayContaining(withoutRowsOf),
  });
});

test("6.3 what was under way when the backup was made waits for a person after a restore", async () => {
  const world = await createWorld();
  await fill(world);
  await world.query(sql`update mailing_instance set state = 'sending', finished_at = null where name = 'First'`);
  const file = join(await createFolder(), "all.backup");
  await backUp(world, file);
  await world.query(sql`update mailing_instance set state = 'sent', finished_at = now() where name = 'First'`);
  const copy = await emptyDatabase();
  await restoreInto(copy, file, world);
  const { rows } = await onServer(copy, (client) =>
    client.query(`select i.state, i.resumes_in, e.message, (select paused_reason from operation.installation) as reason
      from mailing_instance i left join instance_event e on e.instance_id = i.id and e.state = 'paused' where i.name = 'First'`),
  );
  expect(rows).toEqual([
    {
      state: "paused",
      resumes_in: "sending",
      message: expect.stringContaining("would get it again"),
      reason: expect.stringContaining("restored from a backup of 2030-03-"),
    },
  ]);
});

test("6.3 after a restore a read that was under way begins anew, and a held one says why there is nothing to apply", async () => {
  const world = await createWorld();
  await fill(world);
  const { own, clock, query } = world;
  const held = (await own.request("Board")).sync.id;
  const reading = (await own.request("Nobody")).sync.id;
  await query(
    sql`update sync set state = 'held', held_reason = 'too many would go', started_at = requested_at where id = ${held}`,
  );
  await query(sql`update sync set state = 'reading', started_at = requested_at, attempt = 1, read_cursor = '7', rows_read = 7,
    run_by = gen_random_uuid(), fields = '{}' where id = ${reading}`);
  const file = join(await createFolder(), "all.backup");
  await backUp(world, file);
  await query(sql`update sync set state = 'cancelled', finished_at = ${clock.now()}, run_by = null, held_reason = null
    where id in (${held}, ${reading})`);
  const copy = await emptyDatabase();
  await restoreInto(copy, file, world);
  await migrateJobs(copy);
  const db = new Database({ ...copy, max: 4 }, () => {});
  onTestFinished(() => db.close());
  const ctx = { ...own.ctx, db, sessions: new SessionPool() };
  onTestFinished(() => ctx.sessions.close());
  const { id: bridge } = await own.bridge();
  await workOnBridge(ctx, bridge, { signal: new AbortController().signal, processId: newId() });
  expect(await findSync(ctx, reading)).toMatchObject({ state: "succeeded", rowsRead: 0 });
  expect(await findSync(ctx, held)).toMatchObject({
    state: "failed",
    heldReason: null,
    errorMessage: expect.stringContaining("is in no backup"),
  });
  expect(await verifyData(ctx)).toEqual([]);
});
