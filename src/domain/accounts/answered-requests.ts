import { createHash } from "node:crypto";
import type { Tx } from "../../platform/database/database.ts";
import { ConflictError } from "../../platform/errors.ts";
import type { AccountContext, Context } from "../context.ts";
import {
  deleteAnswersNaming,
  deleteOldRequests,
  deleteRequest,
  insertRequest,
  type KeptAnswer,
  type KeyedRequest,
  selectRequest,
  updateAnswered,
} from "./answered-request-store.ts";

/** How long an answer is kept for whoever asks again with the same key. */
const keptFor = { hours: 24 } as const;
/** Nobody waits longer for an answer: what is not answered by then was cut off. */
const cutOffAfter = { minutes: 10 } as const;

/**
 * Takes in a request that came with a key.
 * @param said what it says, body and query
 * @returns the answer that it got before, or null when it is new: it must then be answered by `keepAnswer`
 * @throws ConflictError when the key came with something else, is under way, or its first request was cut off: it may
 *   have taken effect or not, and is never done a second time by itself
 */
export async function beginRequest(
  ctx: AccountContext,
  request: KeyedRequest,
  said: unknown,
): Promise<KeptAnswer | null> {
  const digest = createHash("sha256")
    .update(JSON.stringify(said) ?? "")
    .digest();
  const now = ctx.clock.now();
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const before = await selectRequest(tx, ctx.accountId, request);
    const isOld = before && Temporal.Instant.compare(before.at, now.subtract(keptFor)) <= 0;
    if (isOld) await deleteOldRequests(tx, now.subtract(keptFor));
    else if (before) return answerOf(before, digest, now);
    if (await insertRequest(tx, ctx.accountId, request, digest, now)) return null;
    const other = await selectRequest(tx, ctx.accountId, request);
    return other ? answerOf(other, digest, now) : refuse(now, now);
  });
}

function answerOf(
  { digest: known, at, kept }: NonNullable<Awaited<ReturnType<typeof selectRequest>>>,
  digest: Buffer,
  now: Temporal.Instant,
): KeptAnswer {
  if (!known.equals(digest)) {
    throw new ConflictError(
      "idempotency_key_reused",
      "This Idempotency-Key came with another request before.",
      "Take a new key for a new request.",
    );
  }
  return kept ?? refuse(at, now);
}

function refuse(at: Temporal.Instant, now: Temporal.Instant): never {
  if (Temporal.Instant.compare(at, now.subtract(cutOffAfter)) > 0)
    throw new ConflictError(
      "idempotency_key_in_use",
      "A request with this Idempotency-Key is under way.",
      "Ask again in some seconds.",
    );
  throw new ConflictError(
    "idempotency_outcome_unknown",
    "The first request with this Idempotency-Key was cut off: it may have taken effect.",
    "Look whether it did; if not, send it with a new key.",
  );
}

export function keepAnswer(ctx: AccountContext, request: KeyedRequest, answer: KeptAnswer): Promise<void> {
  return ctx.db.transaction(ctx.accountId, (tx) => updateAnswered(tx, ctx.accountId, request, answer));
}

/** It was not begun: its key is as if it had never come. */
export function releaseRequest(ctx: AccountContext, request: KeyedRequest): Promise<void> {
  return ctx.db.transaction(ctx.accountId, (tx) => deleteRequest(tx, ctx.accountId, request));
}

/** Forgets what was answered more than a day ago, of all accounts. */
export function forgetAnswers(ctx: Context): Promise<void> {
  return ctx.db.system((tx) => deleteOldRequests(tx, ctx.clock.now().subtract(keptFor)));
}

/** Forgets answers that name an erased person. (product 2.6) */
export function forgetAnswersNaming(tx: Tx, ctx: AccountContext, texts: readonly string[]): Promise<void> {
  return deleteAnswersNaming(tx, ctx.accountId, texts);
}
