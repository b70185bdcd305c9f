import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import { takeBackBadEmail } from "../../subscribers/change-wish.ts";
import type { RecipientRef } from "../recipient.ts";
import { insertFloodEvent, selectFlood } from "./bounce-store.ts";
import { floodWindow, isFlood } from "./flood.rules.ts";
import { insertHeldBounces, isBounceBeforeHeld, selectFloodMarks } from "./held-bounce-store.ts";

const message =
  "More than 20% of the mailing came back within an hour. These bounces are held: they mark no address as bad until an administrator decides, and what they had marked already is taken back, unless the AMS was told. Look first whether your relay or your domain is the reason.";

/**
 * Holds a hard bounce if it comes in a flood, and with it whatever the flood marked before it was known as one: its
 * first bounces are no better than its last. The caller has locked the hard bounces of the publishing.
 * @returns whether it is held
 */
export async function holdInFlood(
  tx: Tx,
  ctx: AccountContext,
  ref: RecipientRef,
  bounce: { readonly subscriberId: number; readonly at: Temporal.Instant },
): Promise<boolean> {
  const { accountId } = ctx;
  const { instance, place } = ref;
  const since = bounce.at.subtract(floodWindow);
  if (!isFlood(await selectFlood(tx, accountId, instance, since))) return false;
  // Where the bounce before is held, so is what was marked until then: a flood is looked back for once, not at each.
  const marks = (await isBounceBeforeHeld(tx, accountId, ref, bounce.at))
    ? []
    : await selectFloodMarks(tx, accountId, instance, since);
  await insertHeldBounces(tx, accountId, instance, [...marks, { ...bounce, place }]);
  await takeBackBadEmail(tx, ctx, marks, "Its bounce came in a flood: held until an administrator decides");
  await insertFloodEvent(tx, accountId, instance, message, { at: bounce.at, since });
  ctx.log.warn({ instance, takenBack: marks.length }, "a flood of hard bounces: they mark nobody");
  return true;
}
