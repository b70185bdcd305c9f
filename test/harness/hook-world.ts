import { onTestFinished } from "vitest";
import type { WebhookType } from "../../src/domain/notices/event.rules.ts";
import { addWebhook } from "../../src/domain/webhooks/change-webhooks.ts";
import { getDelivery, listDeliveries } from "../../src/domain/webhooks/look-at-deliveries.ts";
import type { WebhookId } from "../../src/domain/webhooks/webhook.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { WebhookLane } from "../../src/worker/webhook-lane.ts";
import type { Receiver } from "./receiver.ts";
import { type Account, createWorld, type World, type WorldOptions } from "./world.ts";

/** A world whose webhooks are called when the test says so. */
export type HookWorld = World & { deliver(): Promise<void>; readonly lane: WebhookLane };

export async function createHookWorld(options: WorldOptions = {}): Promise<HookWorld> {
  const world = await createWorld(options);
  const processId = newId();
  const liveness = await world.ctx.db.holdLiveness();
  await liveness.hold(processId);
  onTestFinished(() => liveness[Symbol.asyncDispose]());
  const lane = new WebhookLane(world.ctx, { processId, signal: new AbortController().signal });
  return {
    ...world,
    lane,
    async deliver() {
      await lane.look();
      await lane.settle();
    },
  };
}

export const add = (own: Account, { url }: Receiver, events: readonly WebhookType[] = ["sync.held"]) =>
  addWebhook(own.ctx, { url, events });

/** What was sent to a webhook last. */
export const latest = async (own: Account, id: WebhookId) => {
  const [first] = await listDeliveries(own.ctx, id, { limit: 1 });
  return getDelivery(own.ctx, id, must(first, "something was sent").id);
};
