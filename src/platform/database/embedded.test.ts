import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { SetupError } from "../errors.ts";
import { type EmbeddedServer, startEmbedded } from "./embedded.ts";

const isRoot = process.getuid?.() === 0;
/** Whom the server runs as when root starts it. */
const nobody = 65534;

async function emptyFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "lockstep-embedded-")));
  await chmod(folder, 0o755); // started as root, the server runs as somebody else
  onTestFinished(async () => {
    const pid = await serverOf(folder);
    if (pid !== undefined && isRunning(pid)) process.kill(pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A database made once and copied, since making one takes half a second. */
let made: string;
beforeAll(async () => {
  made = await realpath(await mkdtemp(join(tmpdir(), "lockstep-embedded-made-")));
  await chmod(made, 0o755);
  await (await startEmbedded(made)).stop();
});
afterAll(() => rm(made, { recursive: true, force: true }));

async function madeFolder(name = ""): Promise<string> {
  const folder = join(await emptyFolder(), name);
  await mkdir(folder, { recursive: true });
  for (const part of ["postgres", "postgres/data"]) await handOver(join(folder, part));
  await cp(join(made, "postgres/data"), join(folder, "postgres/data"), { recursive: true });
  if (isRoot) await run("chown", ["-R", `${nobody}`, join(folder, "postgres")]);
  return folder;
}

async function handOver(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (isRoot) await chown(path, nobody, nobody);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  expect(await once(spawn(program, args), "exit")).toEqual([0, null]);
}

async function serverOf(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, "postgres/data/postmaster.pid"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : Number(text.split("\n")[0]);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function ask(server: EmbeddedServer, question: string): Promise<unknown> {
  const client = new pg.Client(server.config as pg.ClientConfig);
  await client.connect();
  try {
    return Object.values((await client.query(question)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

async function refusal(starting: Promise<EmbeddedServer>): Promise<SetupError> {
  const answer: unknown = await starting.then(
    (server) => server.stop().then(() => new Error("it started")),
    (error) => error,
  );
  if (answer instanceof SetupError) return answer;
  throw answer;
}

test("embedded: an empty folder becomes a server that listens on a private socket only, and stops with its user", async () => {
  const folder = await emptyFolder();
  const server = await startEmbedded(folder);
  expect(server.isAdopted).toBe(false);
  expect(await ask(server, "show listen_addresses")).toBe("");
  expect(await ask(server, "show fsync")).toBe("on");
  expect((await stat(String(server.config.host))).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, "postgres/data"))).mode & 0o077).toBe(0);
  const pid = await serverOf(folder);
  await server.stop();
  // Its last breath comes a moment after its last file.
  await expect.poll(() => pid !== undefined && isRunning(pid), { timeout: 5000 }).toBe(false);
});

test("embedded: of users that start at once on an empty folder, all get one server", async () => {
  const folder = await emptyFolder();
  const servers = await Promise.all([startEmbedded(folder), startEmbedded(folder), startEmbedded(folder)]);
  const [one] = servers;
  expect(new Set(servers.map(({ config }) => config.host)).size).toBe(1);
  expect(one && (await ask(one, "select count(*)::int from pg_database where datname = 'lockstep'"))).toBe(1);
  for (const server of servers) await server.stop();
  expect(await serverOf(folder)).toBeUndefined();
  expect((await readdir(join(folder, "postgres"))).sort()).toEqual(["data", "socket"]);
});

test("embedded: a server with two users is stopped by the last of them, in either order", async () => {
  const folder = await madeFolder();
  for (const order of [0, 1]) {
    const servers = [await startEmbedded(folder), await startEmbedded(folder)];
    expect(servers.map(({ isAdopted }) => isAdopted)).toEqual([false, true]);
    if (order === 1) servers.reverse();
    const [first, last] = servers;
    await first?.stop();
    expect(last && (await ask(last, "select 1"))).toBe(1);
    await last?.stop();
    expect(await serverOf(folder)).toBeUndefined();
  }
});

/** Another process that starts the server, writes something and stays. */
async function startUser(folder: string): Promise<ChildProcess> {
  const program = `
    import pg from "pg";
    import { startEmbedded } from ${JSON.stringify(join(import.meta.dirname, "embedded.ts"))};
    const server = await startEmbedded(process.argv[1]);
    const client = new pg.Client(server.config);
    await client.connect();
    await client.query("create table kept as select 42 as answer");
    await client.end();
    setInterval(() => {}, 1000);
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, folder], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("1.2 a killed user leaves the server running; the next one takes it over with its data, and stops it", async () => {
  const folder = await madeFolder();
  await kill(await startUser(folder));
  const server = await startEmbedded(folder);
  expect(server.isAdopted).toBe(true);
  expect(await ask(server, "select answer from kept")).toBe(42);
  await server.stop();
  expect(await serverOf(folder)).toBeUndefined();
});

test("1.2 a killed server comes back with what was committed, though it left its lock files behind", async () => {
  const folder = await madeFolder();
  const user = await startUser(folder);
  const pid = await serverOf(folder);
  await kill(user); // first: it would start the server again
  if (pid !== undefined) process.kill(pid, "SIGKILL");
  while (pid !== undefined && isRunning(pid)) await wait(10); // until its parent has taken note
  const server = await startEmbedded(folder);
  expect(server.isAdopted).toBe(false);
  expect(await serverOf(folder)).not.toBe(pid);
  expect(await ask(server, "select answer from kept")).toBe(42);
  await server.stop();
});

test("1.2 a start that was killed while it made the database leaves nothing in the next one's way", async () => {
  const folder = await emptyFolder();
  for (const part of ["postgres", "postgres/data.new", "postgres/data.new-aB3dEf"]) await handOver(join(folder, part));
  await writeFile(join(folder, "postgres/data.new-aB3dEf/PG_VERSION"), "18\n");
  await (await startEmbedded(folder)).stop();
  expect((await readdir(join(folder, "postgres"))).sort()).toEqual(["data", "socket"]);
});

test("embedded: a folder that can't be written is refused by its name, the reason and the way out", async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, "file"), "");
  const { code, message, wayOut } = await refusal(startEmbedded(join(folder, "file", "data")));
  expect(code).toBe("folder_not_writable");
  expect(message).toContain(`${join(folder, "file", "data")} can't be used: ENOTDIR`);
  expect(wayOut).toContain("LOCKSTEP_DATA_DIR");
});

test.skipIf(isRoot)("embedded: a folder of somebody else is refused by its name", async () => {
  const folder = await emptyFolder();
  await chmod(folder, 0o555);
  expect((await refusal(startEmbedded(folder))).message).toContain(`${folder} can't be used: EACCES`);
});

test("embedded: data of another PostgreSQL version is refused with both versions, and left as it is", async () => {
  const folder = await emptyFolder();
  for (const part of ["postgres", "postgres/data"]) await handOver(join(folder, part));
  const file = join(folder, "postgres/data/PG_VERSION");
  await writeFile(file, "17\n");
  const { code, message, wayOut } = await refusal(startEmbedded(folder));
  expect(code).toBe("wrong_version");
  expect(message).toContain("was made by PostgreSQL 17; this Lockstep brings PostgreSQL 18");
  expect(wayOut).toContain("LOCKSTEP_DATA_DIR");
  expect(await readFile(file, "utf8")).toBe("17\n");
});

test("embedded: a folder of data that isn't PostgreSQL's is refused, and nothing in it is deleted", async () => {
  const folder = await emptyFolder();
  for (const part of ["postgres", "postgres/data"]) await handOver(join(folder, part));
  const file = join(folder, "postgres/data/letters.txt");
  await writeFile(file, "Dear Ana");
  expect((await refusal(startEmbedded(folder))).message).toContain("could not be created");
  expect(await readFile(file, "utf8")).toBe("Dear Ana");
});

test("embedded: a socket folder that somebody else put there is refused by its name", async () => {
  const folder = await emptyFolder();
  await handOver(join(folder, "postgres"));
  await symlink(tmpdir(), join(folder, "postgres/socket"));
  const { code, message } = await refusal(startEmbedded(folder));
  expect(code).toBe("socket_folder_taken");
  expect(message).toContain(join(folder, "postgres/socket"));
});

test("embedded: a socket that another server holds is refused with what PostgreSQL says of it", async () => {
  const folder = await madeFolder();
  await handOver(join(folder, "postgres/socket"));
  const holder = spawn("sleep", ["60"], isRoot ? { uid: nobody, gid: nobody } : {});
  onTestFinished(() => void holder.kill("SIGKILL"));
  const lock = join(folder, "postgres/socket/.s.PGSQL.5432.lock");
  await writeFile(lock, `${holder.pid}\n/elsewhere\n0\n5432\n${join(folder, "postgres/socket")}\n`);
  if (isRoot) await chown(lock, nobody, nobody);
  const { code, message, wayOut } = await refusal(startEmbedded(folder));
  expect(code).toBe("database_not_up");
  expect(message).toContain(`Is another postmaster (PID ${holder.pid}) using socket file`);
  expect(message).toContain(join(folder, "postgres.log"));
  expect(wayOut).toContain("LOCKSTEP_DATABASE_URL");
});

test("embedded: a folder whose path is too long for a socket has its socket in the temporary folder", async () => {
  const folder = await madeFolder("a".repeat(90));
  const server = await startEmbedded(folder);
  expect(String(server.config.host).startsWith(join(tmpdir(), "lockstep-"))).toBe(true);
  expect(await ask(server, "select 1")).toBe(1);
  await server.stop();
  await rm(String(server.config.host), { recursive: true });
});

test.runIf(isRoot)(
  "embedded: started by root in a folder that only root may enter, the data lies elsewhere and is found again",
  async () => {
    const folder = await emptyFolder();
    await chmod(folder, 0o700);
    const server = await startEmbedded(folder);
    const link = join(folder, "postgres");
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    const elsewhere = await readlink(link);
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    expect(await stat(elsewhere)).toMatchObject({ uid: nobody });
    await ask(server, "create table kept as select 42 as answer");
    await server.stop();
    const again = await startEmbedded(folder);
    expect(await ask(again, "select answer from kept")).toBe(42);
    await again.stop();
  },
);

test("1.2 a server that is killed under its users is started again, once, with what was committed; the last of them stops it", async () => {
  const folder = await madeFolder();
  const told: string[] = [];
  const servers = [await startEmbedded(folder, (text) => told.push(text)), await startEmbedded(folder, () => {})];
  const [one, other] = servers as [EmbeddedServer, EmbeddedServer];
  await ask(one, "create table kept as select 42 as answer");
  for (let turn = 0; turn < 2; turn += 1) {
    const pid = await serverOf(folder);
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    const answers = () => ask(other, "select answer from kept").catch(() => undefined);
    await expect.poll(answers, { timeout: 20_000, interval: 200 }).toBe(42);
    expect(await serverOf(folder)).not.toBe(pid);
  }
  expect(told.join("\n")).toMatch(/embedded database has ended/);
  await one.stop();
  // The other may have been on its way back just then: it brings the server up again by itself.
  await expect.poll(() => ask(other, "select 1").catch(() => undefined), { timeout: 20_000, interval: 200 }).toBe(1);
  await other.stop();
  expect(await serverOf(folder)).toBeUndefined();
}, 60_000);

test("1.2 a folder of data that is taken away under a living user is never replaced by an empty one", async () => {
  const folder = await madeFolder();
  const told: string[] = [];
  const server = await startEmbedded(folder, (text) => told.push(text));
  const pid = await serverOf(folder);
  await rename(join(folder, "postgres/data"), join(folder, "postgres/elsewhere"));
  if (pid !== undefined) process.kill(pid, "SIGKILL");
  await expect.poll(() => told.join("\n"), { timeout: 10_000 }).toMatch(/could not be started again/);
  await server.stop();
  expect(await readdir(join(folder, "postgres"))).not.toContain("data");
}, 30_000);

test("1.2 a start waits for a server that another start left recovering, and says so", async () => {
  const folder = await madeFolder();
  // A standby that lets nobody in answers like a server that recovers from a crash, for as long as one likes.
  const first = await startEmbedded(folder);
  const { spawnfile, spawnargs } = await commandOf(await serverOf(folder));
  await first.stop();
  const owner = isRoot ? { uid: nobody, gid: nobody } : {};
  const signalFile = join(folder, "postgres/data/standby.signal");
  await writeFile(signalFile, "");
  if (isRoot) await chown(signalFile, nobody, nobody);
  const recovering = spawn(spawnfile, [...spawnargs, "-c", "hot_standby=off"], {
    ...owner,
    cwd: folder,
    stdio: "ignore",
  });
  onTestFinished(() => void recovering.kill("SIGKILL"));
  await expect.poll(() => serverOf(folder)).toBe(recovering.pid);
  const told: string[] = [];
  const starting = startEmbedded(folder, (text) => told.push(text));
  await wait(5000);
  expect(told).toEqual([expect.stringMatching(/recovers/)]);
  await writeFile(join(folder, "postgres/data/promote"), "");
  if (isRoot) await chown(join(folder, "postgres/data/promote"), nobody, nobody);
  recovering.kill("SIGUSR1");
  const server = await starting;
  expect(server.isAdopted).toBe(true);
  expect(await ask(server, "select 1")).toBe(1);
  await server.stop();
}, 40_000);

/** How a process was started. */
async function commandOf(pid: number | undefined): Promise<{ spawnfile: string; spawnargs: readonly string[] }> {
  const [spawnfile = "", ...spawnargs] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").slice(0, -1);
  return { spawnfile, spawnargs };
}
