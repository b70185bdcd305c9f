import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { createDatabase, type ServerConfig } from "../../test/harness/postgres.ts";
import { Database } from "./database/database.ts";
import { newId } from "./ids.ts";
import { defineJob, enqueue, handle, type JobHandler, type JobRun, startWorking } from "./jobs.ts";

const noteJob = defineJob("note", z.object({ text: z.string() }));
const account = "00000000-0000-7000-8000-000000000001";

interface House {
  readonly config: ServerConfig;
  readonly db: Database;
}

async function openHouse(): Promise<House> {
  const database = await createDatabase();
  const db = new Database({ ...database.config, max: 4 }, () => {});
  onTestFinished(async () => {
    await db.close();
    await database[Symbol.asyncDispose]();
  });
  return { config: database.config, db };
}

/** A worker in this process, stopped at the test's end unless the test does. */
async function startWorker({ config, db }: House, handlers: readonly JobHandler<{ text: string }>[], concurrency = 1) {
  const liveness = await db.holdLiveness();
  const worker = await startWorking({
    database: config,
    handlers,
    concurrency,
    processId: newId(),
    liveness,
    log: { warn() {}, error() {} },
  });
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= worker.stop().then(() => liveness[Symbol.asyncDispose]());
    return stopping;
  };
  onTestFinished(stop);
  return { stop };
}

/** A handler that writes down what it got. */
function noting() {
  const notes: string[] = [];
  const handler = handle(noteJob, async ({ text }) => {
    notes.push(text);
  });
  return { notes, handler };
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    if (await isTrue()) return;
    await wait(20);
  }
  throw new Error("it did not come to pass within 10 seconds");
}

const freeJobs = ({ db }: House) =>
  db.system(async (tx) => {
    const { rows } = await sql<{ freed: number }>`select free_jobs_of_dead_workers() as freed`.execute(tx);
    return rows[0]?.freed ?? 0;
  });

test("a job of a transaction that is rolled back never runs, and one of a committed transaction does", async () => {
  const house = await openHouse();
  const { notes, handler } = noting();
  await startWorker(house, [handler]);
  const undone = house.db.transaction(account, async (tx) => {
    await enqueue(tx, noteJob, { text: "undone" });
    throw new Error("changed my mind");
  });
  await expect(undone).rejects.toThrow("changed my mind");
  await house.db.transaction(account, (tx) => enqueue(tx, noteJob, { text: "done" }));
  await until(() => notes.length > 0);
  expect(notes).toEqual(["done"]);
});

test("a job is not seen before its transaction commits", async () => {
  const house = await openHouse();
  const { notes, handler } = noting();
  await startWorker(house, [handler]);
  // The very first job of a kind makes the kind known, and others of it wait until that is committed.
  await house.db.system((tx) => enqueue(tx, noteJob, { text: "first" }));
  await until(() => notes.length > 0);
  await house.db.system(async (tx) => {
    await enqueue(tx, noteJob, { text: "late" });
    await house.db.system((other) => enqueue(other, noteJob, { text: "early" }));
    await until(() => notes.length > 1);
    expect(notes).toEqual(["first", "early"]);
  });
  await until(() => notes.length > 2);
  expect(notes).toEqual(["first", "early", "late"]);
});

test("a job with the key of one that waits takes its place, and lower priorities go first", async () => {
  const house = await openHouse();
  await house.db.system(async (tx) => {
    await enqueue(tx, noteJob, { text: "low" }, { priority: 10 });
    await enqueue(tx, noteJob, { text: "first version" }, { key: "one", priority: 5 });
    await enqueue(tx, noteJob, { text: "second version" }, { key: "one", priority: 5 });
    await enqueue(tx, noteJob, { text: "high" }, { priority: -1 });
    await enqueue(tx, noteJob, { text: "tomorrow" }, { runAt: Temporal.Now.instant().add({ hours: 24 }) });
  });
  const { notes, handler } = noting();
  await startWorker(house, [handler]);
  await until(() => notes.length >= 3);
  expect(notes).toEqual(["high", "second version", "low"]);
});

test("a job whose payload is not what its definition says is not handed to its handler", async () => {
  const house = await openHouse();
  await house.db.system(async (tx) => {
    await enqueue(tx, { ...noteJob, payload: z.any() }, { words: 1 });
    await enqueue(tx, noteJob, { text: "fine" });
  });
  const { notes, handler } = noting();
  await startWorker(house, [handler]);
  await until(() => notes.length > 0);
  expect(notes).toEqual(["fine"]);
});

test("a worker that is asked to stop tells the running job, waits for it, and takes no other", async () => {
  const house = await openHouse();
  const told: string[] = [];
  const slow = handle(noteJob, async ({ text }, { signal }: JobRun) => {
    told.push(`${text} begins`);
    await once(signal, "abort");
    await wait(50);
    told.push(`${text} ends`);
  });
  await house.db.system(async (tx) => {
    await enqueue(tx, noteJob, { text: "one" });
    await enqueue(tx, noteJob, { text: "two" });
  });
  const worker = await startWorker(house, [slow]);
  await until(() => told.length > 0);
  await worker.stop();
  expect(told).toEqual(["one begins", "one ends"]);
});

/** A process that takes a job and never ends it. */
function startStuckWorker({ config }: House) {
  const path = (name: string) => JSON.stringify(join(import.meta.dirname, name));
  const program = `
    import { z } from "zod";
    import { Database } from ${path("database/database.ts")};
    import { defineJob, handle, startWorking } from ${path("jobs.ts")};
    const database = ${JSON.stringify(config)};
    const liveness = await new Database(database, () => {}).holdLiveness();
    const stuck = handle(defineJob("note", z.any()), async ({ text }) => {
      console.log(text);
      await new Promise(() => setInterval(() => {}, 1000));
    });
    const log = { warn() {}, error: console.error };
    await startWorking({ database, handlers: [stuck], concurrency: 1, processId: crypto.randomUUID(), liveness, log });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("1.2 a job of a killed worker goes to another one; a job of a living one stays, however long it takes", async () => {
  const house = await openHouse();
  await house.db.system((tx) => enqueue(tx, noteJob, { text: "for whoever lives" }));
  const stuck = startStuckWorker(house);
  expect(String(await once(stuck.stdout, "data"))).toBe("for whoever lives\n");
  const { notes, handler } = noting();
  await startWorker(house, [handler]);
  await wait(2500); // a lock of less than two seconds is never touched
  expect(await freeJobs(house)).toBe(0);
  expect(notes).toEqual([]);
  stuck.kill("SIGKILL");
  await once(stuck, "exit");
  await until(async () => (await freeJobs(house)) === 1);
  await until(() => notes.length > 0);
  expect(notes).toEqual(["for whoever lives"]);
  expect(await freeJobs(house)).toBe(0);
});
