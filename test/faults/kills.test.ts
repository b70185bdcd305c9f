import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { findSync } from "../../src/domain/syncs/find-syncs.ts";
import { requestListSync } from "../../src/domain/syncs/request-sync.ts";
import { receiveUpload } from "../../src/domain/uploads/receive-upload.ts";
import { requestImport } from "../../src/domain/uploads/request-import.ts";
import { expectInStep, membersOf } from "../harness/truth.ts";
import { createKillWorld, group, passADay, untilEnded, untilSync } from "./kill-world.ts";

/** Before and after every commit of a subscriber sync, and within its read. */
const syncPoints = [
  "sync.before_read",
  "sync.after_stage#1",
  "sync.after_stage#3",
  "sync.after_stage#5",
  "sync.after_read",
  "sync.in_apply",
  "sync.before_commit",
  "sync.after_commit",
] as const;

test.for(syncPoints)("1.2 a process killed at %s leaves the group whole, and the next one goes on", async (point) => {
  const { own, start } = await createKillWorld();
  const before = await membersOf(own, group);
  const after = passADay(own);
  const { sync } = await own.request(group);
  expect(await start(point).ended()).toBe("SIGKILL");
  expect(await membersOf(own, group)).toEqual(point === "sync.after_commit" ? after.members : before);
  start();
  const ended = await untilEnded(own, sync.id);
  expect(ended).toMatchObject({
    state: "succeeded",
    rowsRead: after.totalRecords,
    attempt: point === "sync.after_commit" ? 1 : 2,
  });
  await expectInStep(own, group);
});

test.for(["list.before_apply", "list.in_apply", "list.after_apply"])(
  "1.1 a process killed at %s leaves the list whole, and the next one goes on",
  async (point) => {
    const { own, start } = await createKillWorld();
    const [job] = own.simulator.state.jobs;
    if (job) job.name = "Everybody, renamed";
    const { sync } = await requestListSync(own.ctx, { trigger: "bridge_refresh", by: "test" });
    expect(await start(point).ended()).toBe("SIGKILL");
    await own.group(point === "list.after_apply" ? "Everybody, renamed" : group);
    start();
    expect(await untilEnded(own, sync.id)).toMatchObject({
      state: "succeeded",
      listChanges: { groups: { renamed: ["Everybody, renamed"] } },
    });
    await own.group("Everybody, renamed");
  },
);

test.for(["upload.after_stage#2", "upload.before_commit"])(
  "3.3 a process killed at %s leaves the static group as it was, and the next one imports the file",
  async (point) => {
    const { own, start } = await createKillWorld();
    const lines = Array.from({ length: 12_000 }, (_, at) => `person${at}@example.org`);
    const { id } = await receiveUpload(own.ctx, "list.csv", Readable.from([Buffer.from(lines.join("\n"))]));
    const sync = await requestImport(
      own.ctx,
      id,
      { name: "List", folderId: null },
      { encoding: "utf-8", delimiter: ",", hasHeader: false, columns: { email: 0, fields: {} }, mode: "replace" },
    );
    expect(await start(point).ended()).toBe("SIGKILL");
    expect(await membersOf(own, "List")).toEqual([]);
    start();
    expect(await untilEnded(own, sync.id)).toMatchObject({
      state: "succeeded",
      added: 12_000,
      rowsRead: 12_000,
      attempt: 2,
    });
  },
);

test("1.2 an interrupted read goes on where it was, and asks the AMS for nothing twice", async () => {
  const { own, start } = await createKillWorld();
  passADay(own);
  const { sync } = await own.request(group);
  await start("sync.after_stage#3").ended();
  const callsBefore = own.simulator.state.calls.get("GetQuery") ?? 0;
  start();
  await untilEnded(own, sync.id);
  // More than half of ten answers is staged; the end of a read is one more call, which finds nobody.
  expect((own.simulator.state.calls.get("GetQuery") ?? 0) - callsBefore).toBeLessThanOrEqual(6);
  await expectInStep(own, group);
});

test("1.2 a stop in mid-read ends cleanly, and the next process goes on", async () => {
  const { own, start } = await createKillWorld();
  const { totalRecords } = passADay(own);
  own.simulator.state.latencyMs = 200;
  const { sync } = await own.request(group);
  const worker = start();
  await untilSync(own, sync.id, ({ rowsRead }) => rowsRead > 0);
  expect(await worker.stop()).toBe(0);
  expect(await findSync(own.ctx, sync.id)).toMatchObject({ finishedAt: null });
  own.simulator.state.latencyMs = 0;
  start();
  expect(await untilEnded(own, sync.id)).toMatchObject({ state: "succeeded", rowsRead: totalRecords });
  await expectInStep(own, group);
});
