import { sql } from "kysely";
import { expect, test } from "vitest";
import { createWorld } from "../../../test/harness/world.ts";
import { listAuditEntries } from "../accounts/change-account.ts";
import { whyPause } from "./fence.rules.ts";
import { findInstallation, mayGoOut, noteWorker, resumeInstallation } from "./installation.ts";

const now = Temporal.Instant.from("2030-03-04T09:00:00Z");

test("6.3 a gap of more than 24 hours, or another place, is a reason to pause; a day to the minute is none", () => {
  const seen = (hours: number, minutes = 0) => ({ place: "here", seenAt: now.subtract({ hours, minutes }) });
  expect(whyPause(seen(0, 1), "here", now)).toBeNull();
  expect(whyPause(seen(24), "here", now)).toBeNull();
  expect(whyPause(seen(24, 1), "here", now)).toContain("No worker was seen for 24 hours");
  expect(whyPause(seen(0, 1), "there", now)).toContain("another place");
});

test("6.3 a worker that comes back after a day pauses sending until somebody says to go on; the audit log tells", async () => {
  const { ctx, clock, own } = await createWorld();
  expect(await findInstallation(ctx)).toBeNull();
  expect(await mayGoOut(ctx)).toBe(true);
  await noteWorker(ctx, "");
  for (let day = 0; day < 3; day += 1) {
    clock.advance({ hours: 23 });
    await noteWorker(ctx, "");
    expect(await mayGoOut(ctx)).toBe(true);
  }
  clock.advance({ hours: 25 });
  // Asleep for a day with its process alive: held before the minute comes in which it would say so.
  expect(await mayGoOut(ctx)).toBe(false);
  await noteWorker(ctx, "");
  expect(await mayGoOut(ctx)).toBe(false);
  expect(await findInstallation(ctx)).toMatchObject({
    pausedAt: clock.now(),
    pausedReason: expect.stringContaining("25 hours"),
  });
  await noteWorker(ctx, "");
  expect(await mayGoOut(ctx)).toBe(false);
  expect(await resumeInstallation(ctx, "Olu Park")).toBe(true);
  expect(await resumeInstallation(ctx, "Olu Park")).toBe(false);
  expect(await mayGoOut(ctx)).toBe(true);
  const [entry] = await listAuditEntries(own.ctx, { action: "installation.resume", limit: 1 });
  expect(entry).toMatchObject({ actor: "Olu Park", detail: { reason: expect.stringContaining("25 hours") } });
});

test("6.3 a copy of the database wakes up paused: by its folder, or by its name on the server", async () => {
  const { ctx, query } = await createWorld();
  await noteWorker(ctx, "1234");
  await noteWorker(ctx, "1234");
  expect(await mayGoOut(ctx)).toBe(true);
  await noteWorker(ctx, "5678");
  expect(await mayGoOut(ctx)).toBe(false);
  await resumeInstallation(ctx, "test");
  await noteWorker(ctx, "5678");
  expect(await mayGoOut(ctx)).toBe(true);
  await query(sql`update operation.installation set place = replace(place, '/', '/9')`);
  await noteWorker(ctx, "5678");
  expect(await mayGoOut(ctx)).toBe(false);
});
