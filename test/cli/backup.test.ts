import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { findErasures } from "../../src/domain/people/erase-again.ts";
import { erasePerson } from "../../src/domain/people/erase-person.ts";
import { writeRegister } from "../../src/domain/people/register.ts";
import { searchSubscribers } from "../../src/domain/subscribers/find-subscribers.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { must } from "../../src/platform/errors.ts";
import { occurrencesOf } from "../harness/occurrences.ts";
import { createDatabase, onServer, type ServerConfig } from "../harness/postgres.ts";
import { scheduleMailings } from "../harness/sent-mailings.ts";
import { environmentFor, program, startWorkerProcess } from "../harness/worker-process.ts";
import { createWorld } from "../harness/world.ts";

async function lockstep(database: ServerConfig, ...args: string[]) {
  const child = spawn(program, args, { env: { ...process.env, ...environmentFor(database) }, stdio: "pipe" });
  child.stdin.end();
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  expect(`${out}${err}`).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)$/m);
  return { code: code as number, out, err };
}

/** Runs a command that kills itself at a point. @returns the signal that ended it */
async function killed(database: ServerConfig, crashAt: string, ...args: string[]): Promise<string | null> {
  const env = { ...process.env, ...environmentFor(database), LOCKSTEP_CRASH_AT: crashAt };
  const child = spawn(program, args, { env, stdio: "ignore" });
  return (await once(child, "exit"))[1];
}

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

const states = (database: ServerConfig) =>
  onServer(database, async (client) => {
    const { rows } = await client.query("select name, state from mailing_instance order by name");
    return rows;
  });

test("6.3 a backup restored by the commands starts paused: its worker moves no mailing until somebody says resume", async () => {
  const world = await createWorld({ startsAt: new Date(Date.now() - 3600_000).toISOString() });
  await world.own.listSync();
  await world.own.sync("Everybody");
  await scheduleMailings(world, ["Long due"]);
  await world.query(sql`update mailing_instance set due_at = now() - interval '3 hours'`);
  const folder = await createFolder();
  const file = join(folder, "all.backup");
  await expect(killed(world.database, "backup.before_rename", "backup", file)).resolves.toBe("SIGKILL");
  expect(await readdir(folder)).toEqual(["all.backup.part"]);
  const made = await lockstep(world.database, "backup", file);
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/rows of \d+ tables.*\nNot in it: the key/s) });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await lockstep(world.database, "backup", file)).toMatchObject({
    code: 4,
    err: expect.stringContaining("is there already"),
  });
  const copy = await emptyDatabase();
  expect(await lockstep(copy, "restore", file, "--check")).toMatchObject({
    code: 0,
    out: expect.stringContaining("is whole"),
  });
  await expect(killed(copy, "restore.before_commit", "restore", file)).resolves.toBe("SIGKILL");
  const restored = await lockstep(copy, "restore", file);
  expect(restored).toMatchObject({ code: 0, out: expect.stringContaining("Mailings and writebacks are paused") });
  expect(restored.err).toContain("Comparing with the backup");
  expect(await lockstep(copy, "restore", file)).toMatchObject({
    code: 4,
    err: expect.stringMatching(/The database is not empty/),
  });
  const seen = () =>
    onServer(copy, async (client) => (await client.query("select seen_at::text from operation.installation")).rows[0]);
  const before = await seen();
  const worker = startWorkerProcess(copy);
  onTestFinished(() => worker.kill());
  await expect.poll(seen, { timeout: 20_000 }).not.toEqual(before);
  // It is at work: the sweep that would have started the mailing comes every five seconds.
  await new Promise((resolve) => setTimeout(resolve, 7000));
  expect(await states(copy)).toEqual([{ name: "Long due", state: "scheduled" }]);
  expect(await lockstep(copy, "resume", "--nobody-erased")).toMatchObject({
    code: 0,
    out: expect.stringContaining("go on"),
  });
  // More than an hour late, it asks. (4.2)
  await expect.poll(() => states(copy), { timeout: 20_000 }).toEqual([{ name: "Long due", state: "on_hold" }]);
  expect(await lockstep(copy, "resume")).toMatchObject({ code: 0, out: expect.stringContaining("Nothing was paused") });
}, 120_000);

test("2.6 a restore asks the state that it replaces whom it has erased since; one that wasn't told says so, and waits", async () => {
  const world = await createWorld({ startsAt: new Date(Date.now() - 3600_000).toISOString() });
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  const folder = await createFolder();
  const [file, register] = [join(folder, "all.backup"), join(folder, "register")];
  expect(await lockstep(world.database, "backup", file)).toMatchObject({ code: 0 });
  const [person] = await searchSubscribers(own.ctx, "example", 1);
  const { id, email } = must(person, "there are people");
  await erasePerson(own.ctx, id, email);
  const told = await emptyDatabase();
  const place = must(environmentFor(world.database).LOCKSTEP_DATABASE_URL, "it is a server's");
  expect(await lockstep(told, "restore", file, "--replaces", place)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/Erased again: 1\. Known until/),
  });
  expect(await occurrencesOf({ database: told }, email)).toEqual([]);
  const untold = await emptyDatabase();
  expect(await lockstep(untold, "restore", file)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/is back in it.*person erase-again --from FILE.*resume \(--nobody-erased/s),
  });
  expect(await lockstep(untold, "resume")).toMatchObject({
    code: 1,
    err: expect.stringMatching(/nobody has told it whom.*resume --nobody-erased/s),
  });
  await writeFile(register, writeRegister(await findErasures({ ...own.ctx, clock: systemClock })));
  expect(await lockstep(untold, "person", "erase-again", "--from", register)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Erased again: 1\. Known until/),
  });
  expect(await lockstep(untold, "resume")).toMatchObject({ code: 0 });
}, 240_000);

test("6.1 size and housekeeping are told by commands, as text and as JSON", async () => {
  const world = await createWorld({ startsAt: new Date(Date.now() - 3600_000).toISOString() });
  await world.own.listSync();
  await world.own.sync("Everybody");
  const size = await lockstep(world.database, "size", "--count");
  expect(size).toMatchObject({ code: 0, out: expect.stringMatching(/^Table +Size +In 30 days +Rows/m) });
  expect(size.out).toMatch(/^membership +\d+ KiB +(\+0 KiB)? +288$/m);
  expect(JSON.parse((await lockstep(world.database, "size", "--json")).out)).toMatchObject({
    tables: expect.arrayContaining([expect.objectContaining({ name: "membership", rows: 288 })]),
  });
  expect(await lockstep(world.database, "housekeeping")).toMatchObject({
    code: 0,
    out: expect.stringContaining("No night"),
  });
  await world.query(sql`update sync set finished_at = finished_at - interval '800 days'`);
  expect(await lockstep(world.database, "housekeeping", "--run")).toMatchObject({
    code: 0,
    out: expect.stringContaining("waits for a worker"),
  });
  // Killed behind its first batch, it is gone on with by the next process, and nothing is counted twice.
  const killed = startWorkerProcess(world.database, "housekeeping.after_batch#4");
  expect(await killed.ended()).toBe("SIGKILL");
  const worker = startWorkerProcess(world.database);
  onTestFinished(() => worker.kill());
  const open = () =>
    world.query<{ open: number }>(
      sql`select count(*) filter (where finished_at is null) as open from housekeeping_run`,
    );
  await expect.poll(open, { timeout: 20_000 }).toEqual([{ open: 0 }]);
  const [run] = JSON.parse((await lockstep(world.database, "housekeeping", "--json")).out);
  expect(run.removed.sync_events).toBeGreaterThan(0);
  expect(await world.query(sql`select 1 from sync_event`)).toEqual([]);
}, 120_000);
