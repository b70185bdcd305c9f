import type { Tx } from "../../../platform/database/database.ts";
import { type AccountContext, type Context, inAccount } from "../../context.ts";
import { markBadEmail, noteSoftBounces } from "../../subscribers/change-wish.ts";
import { erasedName } from "../../subscribers/erased.ts";
import { readReturnPath } from "../links.ts";
import type { RecipientRef } from "../recipient.ts";
import { insertActivities } from "./activity-store.ts";
import { type Addressee, selectAddressee } from "./addressee-store.ts";
import { complain } from "./answer-by-link.ts";
import { lockBouncing, lockHardBounces, updateBounced } from "./bounce-store.ts";
import { holdInFlood } from "./hold-flood.ts";
import { judgeGroups, type Verdict } from "./judge-report.rules.ts";
import { type Returned, readReturned } from "./read-returned.ts";
import { noteActivity, noteReturnedMail, type ReturnedMail } from "./response-metrics.ts";

/** Addresses that are ours by their form; whether they are by their signature is looked at then. */
const ownForm = /b-[a-z2-7]{48}(?=@)/gi;
const mostTried = 20;

/** @returns whom the first return path of ours in a text is about, or null when none is, or all were altered */
export function findReturnPath(ctx: Context, text: string): RecipientRef | null {
  const found = text.match(ownForm)?.slice(0, mostTried) ?? [];
  return found.map((local) => readReturnPath(ctx, local)).find((ref) => ref !== null) ?? null;
}

/**
 * Takes in a mail that came to the bounce address. Whom it is about, the signed return path alone says: a mail without
 * one, or with an altered one, is counted and changes nothing. There is one verdict for each send. (product 4.5)
 * @param ref what the address said that it came to; null to look for a complaint's in the mail that it returns
 * @returns what it was; `not_yet` while the mail that it is about is still being handed over: ask again later
 */
export async function receiveReturned(
  ctx: Context,
  raw: Buffer,
  ref: RecipientRef | null,
): Promise<ReturnedMail | "not_yet"> {
  const returned = await readReturned(raw);
  const outcome = await act(ctx, returned, ref ?? findComplained(ctx, returned, raw));
  if (outcome !== "not_yet") noteReturnedMail(ctx, outcome);
  return outcome;
}

/** A complaint comes to an address agreed on with the provider; the mail complained about stands in it. */
function findComplained(ctx: Context, returned: Returned, raw: Buffer): RecipientRef | null {
  return returned.kind === "complaint" ? findReturnPath(ctx, raw.toString("latin1")) : null;
}

async function act(ctx: Context, returned: Returned, ref: RecipientRef | null): Promise<ReturnedMail | "not_yet"> {
  if (returned.kind === "nothing") return "not_a_report";
  const addressee = ref === null ? undefined : await ctx.db.system((tx) => selectAddressee(tx, ref));
  if (!addressee) return "forged";
  if (returned.kind === "complaint") {
    await complain(ctx, addressee, returned.provider);
    return "complaint";
  }
  const verdict = returned.kind === "words" ? returned.verdict : judgeGroups(returned.groups, addressee.email ?? "");
  if (verdict === null) return "delayed";
  const own = inAccount(ctx, addressee.accountId, "a bounce");
  // What the server said may well name an erased person's address again.
  const known = addressee.email === null ? { ...verdict, reason: erasedName } : verdict;
  return own.db.transaction(own.accountId, (tx) => apply(tx, own, addressee, known));
}

async function apply(
  tx: Tx,
  ctx: AccountContext,
  { instance, place }: Addressee,
  verdict: Verdict,
): Promise<ReturnedMail | "not_yet"> {
  const ref = { instance, place };
  const recipient = await lockBouncing(tx, ctx.accountId, ref);
  if (recipient?.state === "claimed" || recipient?.state === "handing_over") return "not_yet";
  // A second report, or one on what was never sent: nothing more is judged.
  if (!recipient || recipient.bouncedAt !== null || !["sent", "unsure"].includes(recipient.state)) return "too_late";
  if (verdict.kind === "hard") await lockHardBounces(tx, instance);
  const at = ctx.clock.now();
  await updateBounced(tx, ctx.accountId, ref, verdict, at);
  const detail = `${verdict.kind}: ${verdict.reason}`;
  const activity = { ...ref, kind: "bounce", at, link: null, isAutomatic: false, detail } as const;
  await insertActivities(tx, ctx.accountId, [activity]);
  ctx.db.afterCommit(tx, () => noteActivity(ctx, [activity]));
  if (verdict.kind === "soft") await noteSoftBounces(tx, ctx, [recipient.subscriberId], verdict.reason);
  if (verdict.kind !== "hard") return "bounce";
  const { subscriberId } = recipient;
  if (await holdInFlood(tx, ctx, ref, { subscriberId, at })) return "held";
  await markBadEmail(tx, ctx, [subscriberId], verdict.reason, at);
  return "bounce";
}
