import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { unsubscribePerson } from "../../src/domain/subscribers/change-person-wish.ts";
import { must } from "../../src/platform/errors.ts";
import { startTestCatcher } from "../harness/relay.ts";
import { environmentFor, program, startWorkerProcess } from "../harness/worker-process.ts";
import { createWorld, type World, type WorldOptions } from "../harness/world.ts";

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

type Run = (...args: string[]) => Promise<Ran>;

/** Runs the program as an operator would. Nothing it prints may be a stack trace. */
async function run(env: Record<string, string>, args: readonly string[], input = ""): Promise<Ran> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("LOCKSTEP_"));
  const child = spawn(program, args, { env: { ...Object.fromEntries(inherited), ...env }, stdio: "pipe" });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number | null]>,
  ]);
  expect(`${out}${err}`).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)$/m);
  return { code, out, err };
}

/** A world with its commands. The world lies a minute back, since the commands go by the real clock. */
async function createCliWorld(options: WorldOptions = {}): Promise<World & { lockstep: Run }> {
  const world = await createWorld({ startsAt: new Date(Date.now() - 60_000).toISOString(), ...options });
  const env = environmentFor(world.database);
  const worker = startWorkerProcess(world.database);
  onTestFinished(() => worker.kill());
  return { ...world, lockstep: (...args) => run(env, args) };
}

test("help names every command and the exit codes", async () => {
  const { code, out } = await run({}, ["--help"]);
  expect(code).toBe(0);
  for (const command of [
    "demo",
    "serve",
    "worker",
    "simulator",
    "migrate",
    "verify",
    "doctor",
    "backup",
    "restore",
    "resume",
    "size",
    "housekeeping",
    "account",
    "api-key",
    "bridge",
    "groups",
    "sync",
    "person",
    "writebacks",
  ])
    expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
  expect(out).toContain("Exit codes: 0 done");
  for (const command of [
    ["sync", "group"],
    ["sync", "nightly"],
    ["bridge", "set"],
    ["api-key", "create"],
  ])
    expect(await run({}, [...command, "--help"])).toMatchObject({ code: 0, out: expect.stringContaining("--json") });
  expect(await run({}, ["--version"])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test("6.2 list sync, groups, a dry run, a resync, its changes", async () => {
  const { lockstep } = await createCliWorld();
  expect(await lockstep("groups")).toMatchObject({
    code: 0,
    out: expect.stringContaining("There are none. Bring the list in step: lockstep sync list --wait"),
  });
  expect(await lockstep("sync", "list", "--wait")).toMatchObject({
    code: 0,
    out: expect.stringContaining("3 groups added"),
  });
  const groups = JSON.parse((await lockstep("groups", "--json")).out) as { name: string }[];
  expect(groups.map(({ name }) => name)).toEqual(["Board", "Everybody", "Nobody"]);
  expect(await lockstep("sync", "group", "Board", "--dry-run", "--wait")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/would be \+5\d −0/),
  });
  const resync = await lockstep("sync", "group", "Board", "--wait", "--changes");
  expect(resync).toMatchObject({ code: 0, out: expect.stringMatching(/Board: \+5\d −0 ~0; .* records/) });
  expect(resync.out).toContain("… 5"); // the first few, and how many in all
  const [latest] = JSON.parse((await lockstep("sync", "history", "--json")).out) as {
    groupName: string;
    trigger: string;
  }[];
  expect(latest).toMatchObject({ groupName: "Board", trigger: "cli", state: "succeeded" });
});

test("1.5 a held sync has its own exit code, and is applied by its id", async () => {
  const { lockstep, own } = await createCliWorld();
  await own.listSync();
  await own.sync("Everybody");
  const [job] = own.simulator.state.jobs;
  if (job) job.size = 60;
  expect(await lockstep("sync", "group", "Everybody", "--wait")).toMatchObject({
    code: 3,
    out: expect.stringContaining("held: the read would remove"),
  });
  expect((await lockstep("sync", "group", "Everybody")).code).toBe(3);
  const [held] = JSON.parse((await lockstep("sync", "history", "--json")).out) as { id: string }[];
  expect(await lockstep("sync", "apply", held?.id ?? "")).toMatchObject({
    code: 0,
    out: expect.stringContaining("Everybody: +"),
  });
  expect(await lockstep("sync", "discard", held?.id ?? "")).toMatchObject({
    code: 1,
    err: expect.stringContaining("not held"),
  });
});

test("1.3 nightly: what it would take and why, at any moment, and the run itself", async () => {
  const { lockstep, own } = await createCliWorld();
  await own.listSync();
  expect((await lockstep("sync", "nightly", "--dry-run")).out).toMatch(/^takes {3}Board +created in the past 7 days$/m);
  const later = new Date(Date.now() + 8 * 86_400_000).toISOString();
  expect((await lockstep("sync", "nightly", "--at", later, "--dry-run")).out).toMatch(
    /^leaves {2}Board +not created in the past 7 days/m,
  );
  const night = await lockstep("sync", "nightly", "--wait");
  expect(night).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^succeeded {2}Everybody +created in the past 7 days$/m),
  });
  expect(await lockstep("sync", "nightly", "--at", "tomorrow")).toMatchObject({
    code: 2,
    err: expect.stringContaining("write it like"),
  });
});

test("keys are shown once, and revoked", async () => {
  const { lockstep } = await createCliWorld();
  const { out } = await lockstep("api-key", "create", "Zapier");
  expect(out).toMatch(/^lsk_[\w-]{43}\n$/);
  const [key] = JSON.parse((await lockstep("api-key", "list", "--json")).out) as { id: string }[];
  expect(JSON.stringify(key)).not.toContain(out.trim());
  expect((await lockstep("api-key", "revoke", key?.id ?? "")).code).toBe(0);
  for (const id of [key?.id ?? "", "abc"])
    expect(await lockstep("api-key", "revoke", id)).toMatchObject({
      code: 5,
      err: expect.stringContaining("There is no API key"),
    });
});

test("doctor and verify say that all is well, and what isn't", async () => {
  const world = await createCliWorld();
  await world.own.listSync();
  expect(await world.lockstep("verify")).toMatchObject({ code: 0, out: expect.stringContaining("All is well.") });
  expect(await world.lockstep("doctor")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/ok +bridge of .* answers/),
  });
  const set = await run(environmentFor(world.database), ["bridge", "set", "--password-stdin"], "wrong\n");
  expect(set.code).toBe(0);
  expect(await world.lockstep("doctor")).toMatchObject({
    code: 1,
    out: expect.stringMatching(/broken +bridge of .*refused the user name or password/),
  });
  expect(await world.lockstep("bridge", "test")).toMatchObject({ code: 1, out: expect.stringContaining("✗ Sign in") });
  await world.own.simulator.close();
  expect((await world.lockstep("bridge", "set", "--active", "no")).code).toBe(0);
  expect((await world.lockstep("doctor")).out).toContain("switched off");
  expect(await world.lockstep("sync", "list")).toMatchObject({ code: 1, err: expect.stringContaining("switched off") });
});

test("doctor greets the mail relay and opens the address that people open, and says which is out of order", async () => {
  const world = await createCliWorld();
  const catcher = await startTestCatcher();
  const doctor = async (settings: Record<string, string>) =>
    (await run({ ...environmentFor(world.database), ...settings }, ["doctor"])).out;
  expect(await doctor({})).toMatch(/warning +mail: no relay/);
  expect(await doctor({ LOCKSTEP_SMTP_URL: catcher.smtpUrl })).toMatch(/ok +mail: the relay 127\.0\.0\.1:\d+ answers/);
  const broken = await doctor({ LOCKSTEP_SMTP_URL: "smtp://127.0.0.1:1", LOCKSTEP_BASE_URL: "http://127.0.0.1:1" });
  expect(broken).toMatch(/broken +mail: the relay 127\.0\.0\.1:1: .*ECONNREFUSED/);
  expect(broken).toMatch(/broken +address: http:\/\/127\.0\.0\.1:1.*lockstep serve/);
});

test("mistakes are told, with a code that scripts can use", async () => {
  const { lockstep, own } = await createCliWorld();
  await own.listSync();
  const mistakes: readonly (readonly [number, RegExp, ...string[]])[] = [
    [2, /unknown command/, "snyc"],
    [2, /missing required argument/, "sync", "group"],
    [5, /There is no target group 'Gala'/, "sync", "group", "Gala"],
    [5, /There is no target group/, "sync", "group", "00000000-0000-7000-8000-000000000000"],
    [2, /fits 3 groups/, "sync", "group", "bo"],
    [2, /is no id/, "sync", "apply", "abc"],
    [5, /There is no sync/, "sync", "cancel", "00000000-0000-7000-8000-000000000000"],
    [2, /sessionLimit: goes from 1 to 16/, "bridge", "set", "--sessions", "99"],
    [2, /nightlyHour: goes from 0 to 23/, "bridge", "set", "--nightly-hour", "24"],
    [2, /is no whole number/, "bridge", "set", "--sessions", "1e3"],
    [2, /Allowed choices are yes, no/, "bridge", "set", "--active", "maybe"],
    [2, /no web address/, "bridge", "set", "--url", "netforumpro"],
    [5, /There is no account 'Elsewhere'/, "groups", "--account", "Elsewhere"],
    [2, /no time zone/, "account", "create", "X", "--zone", "Mars/Base"],
  ];
  for (const [code, said, ...args] of mistakes)
    expect(await lockstep(...args), args.join(" ")).toMatchObject({ code, err: expect.stringMatching(said) });
  const asJson = await lockstep("sync", "group", "Gala", "--json");
  expect(JSON.parse(asJson.err)).toMatchObject({
    error: "not_found",
    message: expect.any(String),
    wayOut: expect.any(String),
  });
});

test("H: what stands outside the program is named, with what to do", async () => {
  const { database } = await createWorld();
  const env = environmentFor(database);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const port = String((taken.address() as AddressInfo).port);
  expect(await run({ ...env, LOCKSTEP_PORT: port }, ["serve"])).toMatchObject({
    code: 4,
    err: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`),
  });
  expect(await run({ ...env, LOCKSTEP_PORT: "8080abc" }, ["serve"])).toMatchObject({
    code: 4,
    err: expect.stringContaining("write it in digits only"),
  });
  expect(await run({ ...env, LOCKSTEP_DATABSE_URL: "x" }, ["groups"])).toMatchObject({
    code: 4,
    err: expect.stringContaining("did you mean LOCKSTEP_DATABASE_URL?"),
  });
  expect(await run({ ...env, LOCKSTEP_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, ["groups"])).toMatchObject({
    code: 4,
    err: expect.stringContaining("nothing listens there"),
  });
  const otherKey = Buffer.alloc(32, 9).toString("base64");
  expect((await run({ ...env, LOCKSTEP_SECRET_KEY: otherKey }, ["bridge", "test"])).code).not.toBe(0);
});

test("2.6 a person is exported, erased and let back, and the register erases again", async () => {
  const { lockstep, own } = await createCliWorld();
  own.changePerson(10, { cst_eml_address_dn: "Ada.Lovelace@Example.org" });
  await lockstep("sync", "list", "--wait");
  await lockstep("sync", "group", "Everybody", "--wait");
  const folder = await mkdtemp(join(tmpdir(), "lockstep-person-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [file, register] = [join(folder, "ada.html"), join(folder, "register")];
  expect(await lockstep("person", "export", "ada.lovelace@example.org")).toMatchObject({
    code: 0,
    out: expect.stringContaining('"group":"Everybody"'),
  });
  const toFile = ["--format", "html", "--output", file];
  expect(await lockstep("person", "export", "ada.lovelace@example.org", ...toFile)).toMatchObject({ code: 0 });
  expect(await readFile(file, "utf8")).toContain("Ada.Lovelace@Example.org");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await lockstep("person", "erase", "Ada.Lovelace@Example.org")).toMatchObject({
    code: 2,
    out: expect.stringContaining("This goes, and nothing brings it back:"),
  });
  const confirmed = ["person", "erase", "Ada.Lovelace@Example.org", "--confirm", "ada.lovelace@example.org"];
  expect(await lockstep(...confirmed)).toMatchObject({ code: 0, out: expect.stringContaining("Erased.") });
  expect(await lockstep(...confirmed)).toMatchObject({ code: 5 });
  const { out } = await lockstep("person", "erasures");
  expect(out.trim().split("\n"), "a heading, an address, a customer key").toHaveLength(3);
  await writeFile(register, out);
  expect(await lockstep("person", "erase-again", "--from", register)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Erased again: 0\. Known until/),
  });
  await writeFile(register, out.replace(/"keyId":"[^"]+"/, '"keyId":"00000000"'));
  expect(await lockstep("person", "erase-again", "--from", register)).toMatchObject({
    code: 4,
    err: expect.stringContaining("made with key 00000000"),
  });
  await writeFile(register, "ada@example.org\n");
  expect(await lockstep("person", "erase-again", "--from", register)).toMatchObject({ code: 2 });
  const lift = ["person", "lift-erasure", "ada.lovelace@example.org", "--reason", "by phone"];
  expect(await lockstep(...lift)).toMatchObject({ code: 0 });
  expect(await lockstep(...lift)).toMatchObject({ code: 5 });
}, 180_000); // a dozen commands, each a start of the program

test("5.2 writebacks: what waits is listed, sent now, and what failed is tried again", async () => {
  const { own, query, lockstep } = await createCliWorld();
  await own.listSync();
  await own.sync("Everybody");
  const [person] = await query(
    sql<{ id: number }>`select id from subscriber where standing = 'sendable' order by id limit 1`,
  );
  await unsubscribePerson(own.ctx, must(person, "there are people").id, "by phone");
  own.strike("fault", { operation: "SetIndividualInformation", text: "The record is locked." });
  const list = async (...more: string[]) => JSON.parse((await lockstep("writebacks", "list", "--json", ...more)).out);
  const send = await lockstep("writebacks", "send");
  expect([send.code, send.out]).toEqual([0, "1 wait and are sent now\n"]);
  await expect.poll(async () => (await list()).items[0].errorMessage, { timeout: 15_000 }).toMatch(/record is locked/);
  own.heal();
  await query(sql`update writeback set state = 'failed', tries = 3, ended_at = now()`);
  expect((await list("--state", "failed")).counts).toMatchObject({ failed: 1, ready: 0 });
  const { items } = await list("--search", "nobody");
  expect(items).toEqual([]);
  expect((await lockstep("writebacks", "list", "--state", "lost")).code).toBe(2);
  expect((await lockstep("writebacks", "retry")).code).toBe(2);
  expect((await lockstep("writebacks", "retry", "999999")).code).toBe(5);
  expect(await lockstep("writebacks", "retry", "--all")).toMatchObject({ code: 0, out: "1 are tried again\n" });
  await expect.poll(async () => (await list()).counts.sent, { timeout: 15_000 }).toBe(1);
  const shown = (await lockstep("writebacks", "list")).out;
  expect(shown).toMatch(/unsubscribe sent/);
  expect(shown).not.toContain("locked");
  expect((await lockstep("writebacks", "retry", String((await list()).items[0].id))).code).toBe(1);
});
