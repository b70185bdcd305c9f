import type { Tx } from "../../../platform/database/database.ts";
import { ConflictError } from "../../../platform/errors.ts";
import { recordChange } from "../../accounts/record-change.ts";
import type { AccountContext } from "../../context.ts";
import { confirmBadEmail, liftBadEmail } from "../../subscribers/change-wish.ts";
import type { BadEmailMark } from "../../subscribers/wish-store.ts";
import type { InstanceId } from "../mailing.ts";
import { getInstance } from "../publish/get-instance.ts";
import { type HeldBounce, type HeldBounces, selectHeld, selectHeldByInstance, takeHeld } from "./held-bounce-store.ts";

/** Publishings whose bounces came in a flood and wait for an administrator, the latest first. (product 4.5) */
export function listHeldBounces(ctx: AccountContext): Promise<readonly HeldBounces[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectHeldByInstance(tx, ctx.accountId));
}

/** Whom the held bounces of a publishing are about. @throws NotFoundError when there is no such publishing */
export function listHeldOf(
  ctx: AccountContext,
  id: InstanceId,
  page: Parameters<typeof selectHeld>[3],
): Promise<readonly HeldBounce[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getInstance(tx, ctx, id);
    return selectHeld(tx, ctx.accountId, id, page);
  });
}

/** One transaction's share: marking people locks their rows. */
const atOnce = 5000;

/**
 * The bounces were right: their addresses are bad. @returns how many people they are about
 * @throws NotFoundError @throws ConflictError when none are held
 */
export function applyHeldBounces(ctx: AccountContext, id: InstanceId): Promise<number> {
  return decide(ctx, id, "bounces.apply", (tx, held, name) =>
    confirmBadEmail(tx, ctx, held, `Came back from '${name}' with many others; an administrator looked at them`),
  );
}

/**
 * The relay or the domain was the reason: they mark nobody, and a mark that stood because the AMS was told of it is
 * lifted, there too. The report keeps them. @returns how many people they are about
 * @throws NotFoundError @throws ConflictError when none are held
 */
export function discardHeldBounces(ctx: AccountContext, id: InstanceId): Promise<number> {
  return decide(ctx, id, "bounces.discard", (tx, held) =>
    liftBadEmail(tx, ctx, held, "Mail came back by mistake: the address is good"),
  );
}

/** Cut off in between, what is left is held as before, and can be decided about again. */
async function decide(
  ctx: AccountContext,
  id: InstanceId,
  action: string,
  act: (tx: Tx, held: readonly BadEmailMark[], name: string) => Promise<unknown>,
): Promise<number> {
  for (let done = 0; ; ) {
    const taken = await ctx.db.transaction(ctx.accountId, async (tx) => {
      const { name } = await getInstance(tx, ctx, id);
      const held = await takeHeld(tx, ctx.accountId, id, atOnce);
      if (held.length === 0) return 0;
      await act(tx, held, name);
      await recordChange(tx, ctx, action, name, { instance: id, people: held.length });
      return held.length;
    });
    done += taken;
    if (done === 0)
      throw new ConflictError("nothing_held", "No bounces are held: somebody decided about them, or none were.");
    if (taken < atOnce) return done;
  }
}
