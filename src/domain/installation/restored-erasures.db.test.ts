import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { createInstance } from "../../../test/harness/mailing.ts";
import { addMailing, goOn, publish } from "../../../test/harness/mailings.ts";
import { occurrencesOf } from "../../../test/harness/occurrences.ts";
import { createDatabase, onServer, type ServerConfig } from "../../../test/harness/postgres.ts";
import { openRestored } from "../../../test/harness/restored.ts";
import { createWorld, type World } from "../../../test/harness/world.ts";
import { restoreBackup } from "../../platform/database/backup/restore-backup.ts";
import { writeBackup } from "../../platform/database/backup/write-backup.ts";
import { migrate } from "../../platform/database/migrate.ts";
import { must } from "../../platform/errors.ts";
import { listAuditEntries } from "../accounts/change-account.ts";
import { eraseAgain, findErasures } from "../people/erase-again.ts";
import { erasePerson } from "../people/erase-person.ts";
import { findByAddress, searchSubscribers } from "../subscribers/find-subscribers.ts";
import { verifyData } from "../syncs/verify.ts";
import { receiveUpload } from "../uploads/receive-upload.ts";
import { findInstallation, mayGoOut, noteErasuresKnown, noteWorker, resumeInstallation } from "./installation.ts";
import { settleRestored } from "./settle-restored.ts";

const migrationsDirectory = join(import.meta.dirname, "..", "..", "..", "migrations");
const address = "Ada.Lovelace@Example.org";

async function emptyDatabase(): Promise<ServerConfig> {
  const database = await createDatabase("empty");
  onTestFinished(() => database[Symbol.asyncDispose]());
  return database.config;
}

/** A backup of the world, and a place that it is restored into. */
async function backUp(world: World): Promise<() => Promise<Awaited<ReturnType<typeof openRestored>>>> {
  const folder = await mkdtemp(join(tmpdir(), "lockstep-erasures-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "all.backup");
  const madeAt = world.clock.now();
  const origin = { madeAt, program: "0.1.0", installation: null, keyId: world.ctx.secrets.keyId, withoutRowsOf: [] };
  await writeBackup(world.database, file, origin);
  return async () => {
    const database = await emptyDatabase();
    await restoreBackup(database, file, {
      migrationsDirectory,
      afterLoad: (client, { madeAt: at }) => settleRestored(client, at, world.clock.now()),
    });
    return openRestored(world, database);
  };
}

const createSyncedWorld = async (): Promise<World & { readonly ada: number }> => {
  const world = await createWorld();
  world.own.changePerson(10, { cst_eml_address_dn: address });
  await world.own.listSync();
  await world.own.sync("Everybody");
  return Object.assign(world, { ada: must(await findByAddress(world.own.ctx, address), "she came with the sync") });
};

test("2.6 a person who was erased after the backup is gone from the restored state, and stays out of a sync, a mailing and a file", async () => {
  const world = await createSyncedWorld();
  const { own, ada, clock } = world;
  // On her way out at the moment of the backup, with all that names her: a mailing, a file that waits.
  const { id: leaving } = await createInstance(own.ctx, { to: [ada, ada + 1], recipients: "waiting" });
  const setState = (state: string) =>
    world.query(sql`update recipient set state = ${state}, claimed_by = gen_random_uuid()
      where instance_id = ${leaving} and subscriber_id = ${ada}`);
  await setState("claimed");
  await receiveUpload(own.ctx, "waiting.csv", Readable.from([Buffer.from(`Mail\n${address}\n`)]));
  const restore = await backUp(world);
  clock.advance({ hours: 1 });
  await setState("waiting");
  await erasePerson(own.ctx, ada, address);
  const register = await findErasures(own.ctx);
  clock.advance({ hours: 1 });

  const copy = await restore();
  expect(await findByAddress(copy.own.ctx, address)).toBe(ada);
  expect(await eraseAgain(copy.ctx, register, "operator")).toBe(1);
  expect(await noteErasuresKnown(copy.ctx, register.at)).toBeNull();
  expect(await occurrencesOf(copy, address)).toEqual([]);
  expect((await verifyData(copy.ctx)).filter(({ rule }) => rule.startsWith("2.6"))).toEqual([]);
  expect(await copy.query(sql`select state from recipient where subscriber_id = ${ada}`)).toEqual([
    { state: "cancelled" },
  ]);
  await noteWorker(copy.ctx, "");
  expect(await mayGoOut(copy.ctx), "known, but still a copy").toBe(false);
  expect(await resumeInstallation(copy.ctx, "Olu Park")).toBe(true);

  expect(await copy.own.sync("Everybody")).toMatchObject({ added: 0, removed: 1 });
  const group = await copy.own.group("Everybody");
  const { id } = await publish(copy.own, await addMailing(copy.own, { to: [group.id] }));
  expect(await goOn(copy.own, id)).toMatchObject({ state: "counting_down" });
  expect(await copy.query(sql`select from recipient where instance_id = ${id}`)).not.toEqual([]);
  expect(await occurrencesOf(copy, address)).toEqual([]);
  expect(await searchSubscribers(copy.own.ctx, address, 2)).toEqual([]);
  await world.query(sql`update mailing_instance set state = 'cancelled', finished_at = now() where id = ${leaving}`);
});

test("2.6 a restored state goes on only when somebody has said whom its original erased since, or that there is nobody", async () => {
  const world = await createSyncedWorld();
  const { own, ada, clock } = world;
  const early = await findErasures(own.ctx);
  clock.advance({ hours: 1 });
  const restore = await backUp(world);
  const madeAt = clock.now();
  clock.advance({ hours: 1 });
  await erasePerson(own.ctx, ada, address);
  const copy = await restore();
  expect(await findInstallation(copy.ctx)).toMatchObject({ erasuresUnknownSince: madeAt });
  await expect(resumeInstallation(copy.ctx, "Olu Park")).rejects.toMatchObject({
    code: "erasures_unknown",
    message: expect.stringMatching(/erased on request after 2030-03-04 1\d:\d\d UTC is back/),
  });
  expect(await mayGoOut(copy.ctx)).toBe(false);
  // A register of before the backup says nothing of what came after it.
  expect(await eraseAgain(copy.ctx, early, "operator")).toBe(0);
  expect(await noteErasuresKnown(copy.ctx, early.at)).toEqual(madeAt);
  await expect(resumeInstallation(copy.ctx, "Olu Park", false)).rejects.toMatchObject({ code: "erasures_unknown" });
  expect(await resumeInstallation(copy.ctx, "Olu Park", true)).toBe(true);
  const [entry] = await listAuditEntries(copy.own.ctx, { action: "installation.resume", limit: 1 });
  expect(entry?.detail).toMatchObject({ nobodyErasedSince: madeAt.toString() });
  expect(await findInstallation(copy.ctx)).toMatchObject({ pausedAt: null, erasuresUnknownSince: null });
});

test("2.6 a backup from before Lockstep asked for erasures is asked for them, too", async () => {
  const database = await emptyDatabase();
  await migrate(database, migrationsDirectory, (name) => name < "0037");
  await onServer(database, (client) =>
    settleRestored(client as never, "2030-03-04T09:15:00Z", Temporal.Instant.from("2030-03-05T10:00:00Z")),
  );
  await migrate(database, migrationsDirectory);
  const { rows } = await onServer(database, (client) =>
    client.query("select erasures_unknown_since = '2030-03-04T09:15:00Z' as is_then from operation.installation"),
  );
  expect(rows).toEqual([{ is_then: true }]);
});
