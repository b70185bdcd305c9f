import type { Tx } from "../../platform/database/database.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { tell } from "../events/tell.ts";
import { queueWritebacks, withdrawUnsent, withdrawWritebacks } from "../writebacks/queue-writebacks.ts";
import { settleWithAms } from "./settle-with-ams.ts";
import { type Lifted, liftOf } from "./standing.rules.ts";
import { hasSetFlag, type KeyFacts, lockOpenWritebacks, selectKeyFacts, updateFlag } from "./standing-store.ts";
import type { Wish } from "./wish.rules.ts";
import {
  type BadEmailMark,
  type ChangedPerson,
  hasSoftBounced,
  holdOffApplies,
  insertWishChanges,
  selectMarked,
  updateBadEmail,
  updateBadEmailLifted,
  updateDelivered,
  updateResubscribed,
  updateSoftBounced,
  updateUnsubscribed,
} from "./wish-store.ts";

/**
 * Whether people may be written to, as far as it is set here: the only door to it, for pages, mails that come back and
 * programs. Each takes many people at once and runs in the caller's transaction; counts of groups follow by themselves.
 *
 * A wish is a person's, not a row's: it holds for everybody whom an address or a customer key leads to from one of those
 * named (product 2.4). What is known of an address (bad e-mail, soft bounces) holds for everybody who has the address,
 * and follows nobody (product 2.1). Who wins when the AMS says otherwise: `standing.rules.ts`.
 *
 * What changes of people whom the AMS knows is queued for it in the same transaction (product 5.1).
 */

/**
 * Unsubscribes people. Who is unsubscribed already keeps the first no, with its time and origin.
 * @returns whom it changed
 */
export async function unsubscribe(
  tx: Tx,
  ctx: AccountContext,
  subscriberIds: readonly number[],
  wish: Wish,
): Promise<readonly ChangedPerson[]> {
  const now = ctx.clock.now();
  await holdOffApplies(tx, ctx.accountId);
  const changed = await updateUnsubscribed(tx, ctx.accountId, subscriberIds, wish, now);
  await record(tx, ctx, changed, { kind: "unsubscribed", ...wish, at: now });
  await queueWritebacks(tx, ctx, changed, { type: "unsubscribe", at: now, reason: wish.reason });
  return changed;
}

/**
 * Takes back what was set here; a flag of the AMS's own stays, only the AMS lifts it. A person takes back their no; an
 * administrator a bad e-mail as well, for who knows that the address works again. Only the administrator's goes to the
 * AMS: once it was told of a no, the person alone is written to again only after an administrator. (product 2.4, 5.1)
 * @returns whom it changed
 */
export async function resubscribe(
  tx: Tx,
  ctx: AccountContext,
  subscriberIds: readonly number[],
  wish: Wish & { readonly origin: "person" | "administrator" },
): Promise<readonly ChangedPerson[]> {
  const now = ctx.clock.now();
  await holdOffApplies(tx, ctx.accountId);
  const changed = await updateResubscribed(tx, ctx.accountId, subscriberIds, wish.origin, now);
  await record(tx, ctx, changed, { kind: "resubscribed", ...wish, at: now });
  await liftInAms(tx, ctx, changed, wish);
  return changed;
}

/** What was told, or is about to be told, to the AMS of people who are written to again. */
async function liftInAms(
  tx: Tx,
  ctx: AccountContext,
  changed: readonly ChangedPerson[],
  wish: Wish & { readonly origin: "person" | "administrator" },
): Promise<void> {
  const now = ctx.clock.now();
  const keys = keysOf(changed);
  if (keys.length === 0) return;
  await lockOpenWritebacks(tx, ctx.accountId, keys);
  // First what the person can take back: it may have stood before something that waits again now.
  if (wish.origin === "person") await withdrawWritebacks(tx, ctx, changed, "unsubscribe");
  const lifted = Map.groupBy(await selectKeyFacts(tx, ctx.accountId, keys), (facts) =>
    liftOf(wish.origin, facts.flag, hasSetFlag(facts) && !(wish.origin === "person" && facts.open === "resubscribe")),
  );
  const of = (what: Lifted) => (lifted.get(what) ?? []).map(({ remoteId }) => remoteId);
  await updateFlag(tx, ctx.accountId, of("flag_stands"), "here", now);
  await updateFlag(tx, ctx.accountId, of("resubscribe"), "none", now);
  for (const [what, leavesFlag] of [
    ["resubscribe", false],
    ["tell_only", true],
  ] as const) {
    const goes = new Set(of(what));
    const people = changed.filter(({ remoteId }) => remoteId !== null && goes.has(remoteId));
    await queueWritebacks(tx, ctx, people, { type: "resubscribe", at: now, reason: wish.reason, leavesFlag });
  }
  if (wish.origin === "administrator") await withdrawUnsent(tx, ctx, of("withdraw"));
  // A bad e-mail outlives the person's no, and what the AMS is owed of it.
  else await settleWithAms(tx, ctx, keys);
}

const keysOf = (people: readonly ChangedPerson[]) => [...new Set(people.flatMap(({ remoteId }) => remoteId ?? []))];

/**
 * Marks addresses as bad: hard bounces. (product 4.5)
 * @param reason what the receiving server said
 * @param now when the bounce came: the mark can be told by it (`BadEmailMark`)
 * @returns whom it changed
 */
export async function markBadEmail(
  tx: Tx,
  ctx: AccountContext,
  subscriberIds: readonly number[],
  reason: string,
  now: Temporal.Instant = ctx.clock.now(),
): Promise<readonly ChangedPerson[]> {
  await holdOffApplies(tx, ctx.accountId);
  const changed = await updateBadEmail(tx, ctx.accountId, subscriberIds, now);
  await record(tx, ctx, changed, { kind: "bad_email", origin: null, reason, at: now });
  await settleWithAms(tx, ctx, keysOf(changed), { badEmail: reason });
  return changed;
}

/**
 * Takes back marks of bounces that are in doubt since. An address that the AMS was told of stays bad: only an
 * administrator's decision lifts the AMS's flag (product 5.1), and half a standing is none.
 */
export async function takeBackBadEmail(
  tx: Tx,
  ctx: AccountContext,
  marks: readonly BadEmailMark[],
  reason: string,
): Promise<void> {
  if (marks.length === 0) return;
  await holdOffApplies(tx, ctx.accountId);
  const marked = await selectMarked(tx, ctx.accountId, marks);
  const keys = keysOf(marked);
  await lockOpenWritebacks(tx, ctx.accountId, keys);
  const facts = await selectKeyFacts(tx, ctx.accountId, keys);
  const told = new Set(facts.filter(isToldOfBadEmail).map(({ remoteId }) => remoteId));
  const stays = new Set(marked.flatMap(({ remoteId, emailKey }) => (told.has(remoteId ?? "") ? emailKey : [])));
  await lift(
    tx,
    ctx,
    marked.filter(({ emailKey }) => !stays.has(emailKey)),
    reason,
  );
}

const isToldOfBadEmail = (facts: KeyFacts) => hasSetFlag(facts) && facts.reached?.type === "bad_email";

/**
 * An administrator found that bounces were a mistake: what is left of their marks is lifted, in the AMS too.
 * @param reason goes to the AMS with the Resubscribe of whom it was told
 */
export async function liftBadEmail(
  tx: Tx,
  ctx: AccountContext,
  marks: readonly BadEmailMark[],
  reason: string,
): Promise<void> {
  await holdOffApplies(tx, ctx.accountId);
  await lift(tx, ctx, await selectMarked(tx, ctx.accountId, marks), reason);
}

async function lift(tx: Tx, ctx: AccountContext, people: readonly ChangedPerson[], reason: string): Promise<void> {
  const now = ctx.clock.now();
  const ids = people.map(({ id }) => id);
  const changed = await updateBadEmailLifted(tx, ctx.accountId, ids, now);
  await record(tx, ctx, changed, { kind: "bad_email_lifted", origin: null, reason, at: now });
  await withdrawWritebacks(tx, ctx, changed, "bad_email");
  await settleWithAms(tx, ctx, keysOf(changed), { goodEmail: reason });
}

/** An administrator found that bounces were right: their addresses are bad by that decision, whatever said so before. */
export async function confirmBadEmail(
  tx: Tx,
  ctx: AccountContext,
  marks: readonly BadEmailMark[],
  reason: string,
): Promise<void> {
  await holdOffApplies(tx, ctx.accountId);
  const marked = (await selectMarked(tx, ctx.accountId, marks)).map(({ id }) => id);
  await updateBadEmailLifted(tx, ctx.accountId, marked, ctx.clock.now());
  await markBadEmail(
    tx,
    ctx,
    marks.map(({ subscriberId }) => subscriberId),
    reason,
  );
}

/** Counts a soft bounce of each; the fifth in a row marks the address as bad, if the row is 15 days long. (product 4.5) */
export async function noteSoftBounces(
  tx: Tx,
  ctx: AccountContext,
  subscriberIds: readonly number[],
  reason: string,
): Promise<void> {
  await holdOffApplies(tx, ctx.accountId);
  const enough = await updateSoftBounced(tx, ctx.accountId, subscriberIds, ctx.clock.now());
  if (enough.length > 0)
    await markBadEmail(tx, ctx, enough, `5 soft bounces in a row over 15 days; the last: ${reason}`);
}

/** Mail to these went through: their rows of soft bounces end. Costs next to nothing for who has none. */
export async function noteDelivered(tx: Tx, ctx: AccountContext, subscriberIds: readonly number[]): Promise<void> {
  if (!(await hasSoftBounced(tx, ctx.accountId, subscriberIds))) return;
  await holdOffApplies(tx, ctx.accountId);
  await updateDelivered(tx, ctx.accountId, subscriberIds);
}

type Change = Omit<Parameters<typeof insertWishChanges>[3], "by">;

async function record(tx: Tx, ctx: AccountContext, changed: readonly ChangedPerson[], change: Change): Promise<void> {
  if (changed.length === 0) return;
  await insertWishChanges(tx, ctx.accountId, changed, { ...change, by: ctx.actor });
  await tellOf(tx, ctx, changed, change);
  if (change.origin !== "administrator") return;
  const action = change.kind === "resubscribed" ? "subscriber.resubscribe" : "subscriber.unsubscribe";
  for (const { id, email } of changed) await recordChange(tx, ctx, action, email, { id, reason: change.reason });
}

/** What an event names at most: a message stays small, whoever receives it. */
const peopleAtOnce = 100;

async function tellOf(tx: Tx, ctx: AccountContext, changed: readonly ChangedPerson[], change: Change): Promise<void> {
  const people = changed.map(({ id, remoteId }) => ({ id, remoteId }));
  const parts = Array.from({ length: Math.ceil(people.length / peopleAtOnce) }, (_, part) => ({
    subscribers: people.slice(part * peopleAtOnce, (part + 1) * peopleAtOnce),
  }));
  const { kind, origin } = change;
  const by = <Origin>(origin: Origin) => parts.map((part) => ({ ...part, origin }));
  if (kind === "bad_email" || kind === "bad_email_lifted") await tell(tx, ctx, `subscribers.${kind}`, parts);
  else if (origin === null) return;
  else if (kind === "unsubscribed") await tell(tx, ctx, "subscribers.unsubscribed", by(origin));
  // A provider's complaint is never taken back.
  else if (origin !== "complaint") await tell(tx, ctx, "subscribers.resubscribed", by(origin));
}
