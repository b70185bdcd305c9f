import type { AccountContext } from "../../context.ts";
import { holdInstance } from "../publish/hold-instance.ts";
import { tripOf } from "./breaker.rules.ts";
import { noteOutcome } from "./delivery-metrics.ts";
import { type Hands, insertBounces, type Outcome, selectWindow, updateOutcomes } from "./recipient-store.ts";

/**
 * Commits what became of some recipients; puts the mailing on hold when too many of the latest answers were bad ones.
 * (product 4.4)
 */
export async function writeOutcomes(
  ctx: AccountContext,
  hands: Hands,
  outcomes: readonly Outcome[],
): Promise<readonly Outcome[]> {
  const written = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const places = await updateOutcomes(tx, hands, outcomes);
    const bounced = outcomes.filter(({ state, place }) => state === "bounced" && places.has(place));
    if (bounced.length > 0) await insertBounces(tx, hands, bounced);
    if (outcomes.some(({ bounceKind }) => bounceKind !== null && bounceKind !== "soft")) {
      const trip = tripOf(await selectWindow(tx, hands));
      if (trip) await holdInstance(tx, ctx, hands.instance, trip.kind, trip.message);
    }
    return places;
  });
  for (const outcome of outcomes) if (written.has(outcome.place)) noteOutcome(ctx, hands.instance, outcome);
  return outcomes;
}
