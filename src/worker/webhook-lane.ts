import type { Context } from "../domain/context.ts";
import { deliverSome, type Run } from "../domain/webhooks/deliver.ts";
import { type ReadyWebhook, releaseDeliveries, selectReadyWebhooks } from "../domain/webhooks/delivery-store.ts";
import type { WebhookId } from "../domain/webhooks/webhook.ts";
import { describeError } from "../platform/errors.ts";

/** Webhooks that one process calls at once. */
const mostAtOnce = 40;
/** How long one webhook is called before others have their turn. */
const turnMilliseconds = 15_000;

/**
 * Calls webhooks beside the jobs, since a receiver may take ten seconds to answer: syncs and mailings must not wait for
 * it, and neither must other webhooks. Each has a turn of its own.
 */
export class WebhookLane {
  readonly #ctx: Context;
  readonly #run: Run;
  readonly #turns = new Map<WebhookId, Promise<void>>();

  constructor(ctx: Context, run: Run) {
    this.#ctx = ctx;
    this.#run = run;
  }

  /** Begins a turn for each webhook that something waits for, as far as there is room. Waits for none of them. */
  async look(): Promise<void> {
    const { db, clock } = this.#ctx;
    const room = mostAtOnce - this.#turns.size;
    if (room <= 0 || this.#run.signal.aborted) return;
    const ready = await db.system(async (tx) => {
      await releaseDeliveries(tx, this.#run.processId, clock.now());
      return selectReadyWebhooks(tx, [...this.#turns.keys()], room, clock.now());
    });
    for (const one of ready) this.#begin(one);
  }

  /** Waits for the turns that have begun. */
  async settle(): Promise<void> {
    await Promise.all(this.#turns.values());
  }

  #begin(ready: ReadyWebhook): void {
    const turn = this.#turn(ready)
      .catch((error) => this.#ctx.log.warn({ reason: describeError(error) }, "a webhook's turn failed; it has another"))
      .finally(() => this.#turns.delete(ready.webhookId));
    this.#turns.set(ready.webhookId, turn);
  }

  async #turn(ready: ReadyWebhook): Promise<void> {
    const end = this.#ctx.clock.monotonicMs() + turnMilliseconds;
    while (!this.#run.signal.aborted && (await deliverSome(this.#ctx, ready, this.#run)))
      if (this.#ctx.clock.monotonicMs() >= end) return;
  }
}
