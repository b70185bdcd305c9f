import { CallOutError } from "../../platform/call-out.ts";
import { crashPoint } from "../../platform/crash-point.ts";
import type { Tx } from "../../platform/database/database.ts";
import { type AccountContext, type Context, inAccount } from "../context.ts";
import { queryUsersToTell, tellUsers } from "../notices/tell-users.ts";
import {
  type CalledWebhook,
  type CallResult,
  deleteOldEvents,
  lockToCall,
  type ReadyWebhook,
  type TakenDelivery,
  takeDeliveries,
  updateDelivery,
  updateFailed,
  updateSucceeded,
} from "./delivery-store.ts";
import { payloadOf } from "./payload.ts";
import { callsAtOnce, isHopeless, nextTryAt, pausedUntil } from "./retry.rules.ts";
import { signedHeaders } from "./sign.rules.ts";
import { giveUpWaiting, lockWebhook, updateSwitchedOff } from "./store.ts";
import { noteCall } from "./webhook-metrics.ts";

export interface Run {
  readonly processId: string;
  readonly signal: AbortSignal;
}

interface Batch {
  /** What its attempts are known by. */
  readonly takenAt: Temporal.Instant;
  readonly webhook: CalledWebhook;
  readonly deliveries: readonly TakenDelivery[];
}

/**
 * Sends a few of the events that wait for a webhook, side by side. Each try is written down before it leaves and again
 * when it is answered: a process that dies between the two leaves one that is sent again, under the same id.
 * @returns whether there was something to send
 */
export async function deliverSome(ctx: Context, ready: ReadyWebhook, run: Run): Promise<boolean> {
  const own = inAccount(ctx, ready.accountId, "worker");
  const batch = await take(own, ready, run);
  if (!batch || batch.deliveries.length === 0) return false;
  const { secretSealed, oldSecretSealed } = batch.webhook;
  const sealed = oldSecretSealed ? [secretSealed, oldSecretSealed] : [secretSealed];
  const secrets = sealed.map((secret) => ctx.secrets.open(secret, ready.accountId));
  crashPoint("webhook.before_call");
  await Promise.all(
    batch.deliveries.map(async (delivery) => {
      const result = await call(own, batch, secrets, delivery, run);
      crashPoint("webhook.after_call");
      await write(own, ready, delivery, result, run);
      if (!result.isStopped) noteCall(own, result);
    }),
  );
  return true;
}

function take(ctx: AccountContext, ready: ReadyWebhook, { processId }: Run): Promise<Batch | undefined> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const now = ctx.clock.now();
    const webhook = await lockToCall(tx, ctx.accountId, ready.webhookId, now);
    if (!webhook) return undefined;
    const room = callsAtOnce(webhook.failuresInARow) - webhook.sending;
    if (room <= 0) return undefined;
    return { takenAt: now, webhook, deliveries: await takeDeliveries(tx, ready, room, processId, now) };
  });
}

type Called = CallResult & { readonly retryAfterMs: number | undefined; readonly isStopped: boolean };

async function call(
  ctx: AccountContext,
  { takenAt, webhook }: Batch,
  secrets: readonly string[],
  delivery: TakenDelivery,
  { signal }: Run,
): Promise<Called> {
  const body = payloadOf(ctx.accountId, delivery);
  const sentAt = ctx.clock.now();
  const start = ctx.clock.monotonicMs();
  const headers = {
    "content-type": "application/json",
    "user-agent": "Lockstep-Webhooks/1",
    ...signedHeaders(secrets, delivery.eventId, sentAt, body),
  };
  const none = { status: null, answer: null, retryAfterMs: undefined, isStopped: false };
  const ended = (outcome: Omit<Called, "startedAt" | "durationMs">): Called => {
    return { ...outcome, startedAt: takenAt, durationMs: Math.round(ctx.clock.monotonicMs() - start) };
  };
  try {
    const answered = await ctx.callOut.post(webhook.url, headers, body, sentAt, signal);
    return ended({ ...answered, error: errorOf(answered.status), isStopped: false });
  } catch (error) {
    if (error instanceof CallOutError) return ended({ ...none, error: error.message });
    if (!signal.aborted) throw error;
    return ended({ ...none, error: "the program was stopped meanwhile", isStopped: true });
  }
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `status ${status}: redirects are not followed; enter where it leads to`;
  return `status ${status}`;
}

const gone = 410;

async function write(
  ctx: AccountContext,
  { webhookId }: ReadyWebhook,
  { id, tries }: TakenDelivery,
  { retryAfterMs, isStopped, ...result }: Called,
  { processId }: Run,
): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const now = ctx.clock.now();
    const webhook = await lockWebhook(tx, ctx.accountId, webhookId);
    if (!webhook) return; // deleted meanwhile, with all that waited for it
    const put = (state: "waiting" | "delivered" | "given_up", dueAt: Temporal.Instant | null = null) =>
      updateDelivery(tx, ctx.accountId, id, processId, result, state, dueAt, now);
    if (isStopped) return put("waiting", now);
    if (result.error === null) {
      await put("delivered");
      return updateSucceeded(tx, ctx.accountId, webhookId, now);
    }
    const failures = webhook.failuresInARow + 1;
    const again =
      result.status === gone || !webhook.isActive ? null : nextTryAt(tries, now, retryAfterMs, ctx.clock.random());
    await put(again ? "waiting" : "given_up", again);
    await updateFailed(tx, ctx.accountId, webhookId, pausedUntil(failures, now, retryAfterMs), now);
    if (!webhook.isActive) return;
    if (result.status === gone) await switchOff(tx, ctx, webhook, "It answered 410 Gone: nobody is there any more.");
    else if (isHopeless(webhook.failingSince ?? now, failures, now))
      await switchOff(tx, ctx, webhook, `Nothing arrived for five days; at last: ${result.error}`);
  });
}

/** Gives up what waits, and tells the administrators. */
async function switchOff(
  tx: Tx,
  ctx: AccountContext,
  { id, url }: { readonly id: ReadyWebhook["webhookId"]; readonly url: string },
  reason: string,
): Promise<void> {
  await updateSwitchedOff(tx, ctx.accountId, id, reason);
  await giveUpWaiting(tx, ctx.accountId, id, ctx.clock.now());
  const asked = queryUsersToTell(ctx, "webhook.switched_off");
  const users = asked === null ? [] : (await asked.execute(tx)).rows.map((user) => user.id);
  if (users.length > 0) await tellUsers(tx, ctx, users, "webhook.switched_off", [{ webhookId: id, url, reason }]);
  ctx.db.afterCommit(tx, () => ctx.log.warn({ webhook: id, reason }, "switched a webhook off"));
}

/** How long it can be looked at what was told, and what became of it. */
const keptDays = 30;
const deletedAtOnce = 1000;

export async function forgetOldEvents(ctx: Context): Promise<void> {
  const before = ctx.clock.now().subtract({ hours: 24 * keptDays });
  while (await ctx.db.system((tx) => deleteOldEvents(tx, before, deletedAtOnce)));
}
