import type { Tx } from "../../../platform/database/database.ts";
import { type AccountContext, type Context, inAccount } from "../../context.ts";
import { resubscribe, unsubscribe } from "../../subscribers/change-wish.ts";
import type { RecipientRef } from "../recipient.ts";
import { type Activity, insertActivities } from "./activity-store.ts";
import { type Addressee, selectAddressee, updateSaidNo, updateTookBack } from "./addressee-store.ts";
import { noteActivity } from "./response-metrics.ts";

const byLink = "the person, by a link in a mailing";

/** Whom a link is about, or nobody when there never was such an instance here. Changes nothing: any scanner asks it. */
export function findAddressee(ctx: Context, ref: RecipientRef): Promise<Addressee | undefined> {
  return ctx.db.system((tx) => selectAddressee(tx, ref));
}

/**
 * Unsubscribes the person whom a mail went to, in the very commit that answers: it needs neither AMS, relay nor worker.
 * Pressed again it changes nothing. (product 4.5, RFC 8058, reliability P11)
 */
export async function unsubscribeByLink(ctx: Context, addressee: Addressee): Promise<void> {
  const { subscriberId } = addressee;
  if (subscriberId === null) return;
  const own = inAccount(ctx, addressee.accountId, byLink);
  const wish = { origin: "person", reason: null } as const;
  await own.db.transaction(own.accountId, async (tx) => {
    await unsubscribe(tx, own, [subscriberId], wish);
    await recordNo(tx, own, addressee, "unsubscribe");
  });
}

/** The provider says that the person called the mail spam: an unsubscribe of its own origin. (RFC 5965) */
export async function complain(ctx: Context, addressee: Addressee, provider: string): Promise<void> {
  const { subscriberId } = addressee;
  const own = inAccount(ctx, addressee.accountId, "the person's mail provider");
  await own.db.transaction(own.accountId, async (tx) => {
    const reason = provider === "" ? "Marked as spam" : `Marked as spam (${provider})`;
    if (subscriberId !== null) await unsubscribe(tx, own, [subscriberId], { origin: "complaint", reason });
    await recordNo(tx, own, addressee, "complaint");
  });
}

/** "I pressed by mistake": the person is written to again, as far as that was set here. (product 2.4) */
export async function resubscribeByLink(ctx: Context, addressee: Addressee): Promise<void> {
  const { subscriberId } = addressee;
  if (subscriberId === null) return;
  const own = inAccount(ctx, addressee.accountId, byLink);
  await own.db.transaction(own.accountId, async (tx) => {
    await resubscribe(tx, own, [subscriberId], { origin: "person", reason: null });
    if (await updateTookBack(tx, own.accountId, addressee)) await recordAnswer(tx, own, addressee, "resubscribe");
  });
}

async function recordNo(
  tx: Tx,
  ctx: AccountContext,
  { instance, place, email }: Addressee,
  kind: "unsubscribe" | "complaint",
): Promise<void> {
  if (email !== null && !(await updateSaidNo(tx, ctx.accountId, { instance, place }, kind, ctx.clock.now()))) return;
  await recordAnswer(tx, ctx, { instance, place: email === null ? null : place }, kind);
}

/** @param place null of an erased recipient: nothing but the number is kept */
async function recordAnswer(
  tx: Tx,
  ctx: AccountContext,
  { instance, place }: Pick<Activity, "instance" | "place">,
  kind: "unsubscribe" | "resubscribe" | "complaint",
): Promise<void> {
  const activity = { instance, place, kind, at: ctx.clock.now(), link: null, isAutomatic: false, detail: null };
  await insertActivities(tx, ctx.accountId, [activity]);
  ctx.db.afterCommit(tx, () => noteActivity(ctx, [activity]));
}
