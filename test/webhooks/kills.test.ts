import { expect, test } from "vitest";
import { addWebhook } from "../../src/domain/webhooks/change-webhooks.ts";
import { getDelivery, sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import { startReceiver } from "../harness/receiver.ts";
import { startWorkerProcess } from "../harness/worker-process.ts";
import { createWorld } from "../harness/world.ts";

const settings = { LOCKSTEP_ALLOW_PRIVATE_WEBHOOKS: "true" };

test.each([
  ["webhook.before_call", 0],
  ["webhook.after_call", 1],
] as const)(
  "a process killed at %s leaves an event that the next one sends, under the same id",
  async (point, before) => {
    const { own, database, clock } = await createWorld();
    clock.set(Temporal.Now.instant());
    const receiver = await startReceiver();
    const { id } = await addWebhook(own.ctx, { url: receiver.url, events: ["sync.held"] });
    const delivery = await sendTest(own.ctx, id);
    expect(await startWorkerProcess(database, point, settings).ended()).toBe("SIGKILL");
    expect(receiver.received).toHaveLength(before);
    const next = startWorkerProcess(database, "", settings);
    // A process takes its time to start on a busy machine.
    await expect
      .poll(async () => (await getDelivery(own.ctx, id, delivery.id)).state, { timeout: 40_000 })
      .toBe("delivered");
    expect(await next.stop()).toBe(0);
    expect(receiver.received).toHaveLength(before + 1);
    expect(new Set(receiver.received.map(({ event }) => event.id))).toEqual(new Set([delivery.eventId]));
    const { attempts } = await getDelivery(own.ctx, id, delivery.id);
    expect(
      attempts.map(({ durationMs }) => durationMs === null),
      "the cut off one says so",
    ).toEqual([false, true]);
  },
);
