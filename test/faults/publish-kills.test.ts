import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { expect, test } from "vitest";
import type { Instance } from "../../src/domain/mailings/instance.ts";
import type { InstanceId } from "../../src/domain/mailings/mailing.ts";
import { findInstance } from "../../src/domain/mailings/publish/find-instances.ts";
import { addMailing, publish } from "../harness/mailings.ts";
import type { Account } from "../harness/world.ts";
import { createKillWorld, group } from "./kill-world.ts";

async function untilState(own: Account, id: InstanceId, states: readonly Instance["state"][]): Promise<Instance> {
  for (const end = performance.now() + 60_000; performance.now() < end; await wait(50)) {
    const { instance } = await findInstance(own.ctx, id);
    if (states.includes(instance.state)) return instance;
  }
  throw new Error(`instance ${id} did not come so far`);
}

const people = 3000;

/** Every place at which a publish commits, or could be cut off just before. */
const points = [
  "publish.after_request",
  "publish.after_step#2",
  "sync.before_commit",
  "publish.after_syncs",
  "publish.in_freeze",
  "publish.after_freeze",
  "publish.after_step#4",
] as const;

test.for(points)("4.2 a process killed at %s loses nothing of a publish, and the next one goes on", async (point) => {
  const { own, start, clock } = await createKillWorld(people);
  clock.set(Temporal.Now.instant());
  const { id } = await publish(own, await addMailing(own, { to: [(await own.group(group)).id] }));
  expect(await start(point).ended()).toBe("SIGKILL");
  start();
  const built = await untilState(own, id, ["counting_down", "on_hold"]);
  expect(built).toMatchObject({ state: "counting_down", audience: built.recipients + built.excluded });
  const { rows } = await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
    sql<{ people: number; places: number; last: number }>`
      select count(*) as people, count(distinct place) as places, max(place) as last from recipient`.execute(tx),
  );
  expect(rows[0]).toEqual({ people: built.recipients, places: built.recipients, last: built.recipients });
  expect(built.recipients).toBeGreaterThan(2000);
});

test("4.2 a process killed as the sending begins has it begun by the next, once", async () => {
  const { own, start, clock } = await createKillWorld(people);
  clock.set(Temporal.Now.instant());
  const { id } = await publish(own, await addMailing(own, { to: [(await own.group(group)).id] }));
  const first = start();
  await untilState(own, id, ["counting_down"]);
  await first.kill();
  await own.ctx.db.transaction(own.ctx.accountId, (tx) =>
    sql`update mailing_instance set send_from = now()`.execute(tx),
  );
  expect(await start("publish.before_sending").ended()).toBe("SIGKILL");
  expect((await findInstance(own.ctx, id)).instance.state).toBe("counting_down");
  start();
  start();
  await untilState(own, id, ["sending", "sent", "on_hold"]);
  const { events } = await findInstance(own.ctx, id);
  expect(events.filter(({ state }) => state === "sending")).toHaveLength(1);
});
