import { tallyRemoved } from "../accounts/removed-between-nights.ts";
import { selectFieldsToForget, updateFieldForgotten } from "../bridges/field-store.ts";
import { type Context, inAccount } from "../context.ts";
import { takeApplyTurn } from "./apply-turn.ts";
import { deleteValues } from "./store.ts";

const peopleAtOnce = 10_000;

/**
 * Erases the values of fields that an administrator no longer keeps, a batch at a time, so that nobody waits behind a
 * million rows. (product 2.5)
 */
export async function forgetValues(ctx: Context): Promise<void> {
  for (const { accountId, name } of await ctx.db.system(selectFieldsToForget)) {
    const own = inAccount(ctx, accountId, "schedule");
    let erased = 0;
    do {
      erased = await own.db.transaction(accountId, async (tx) => {
        // Behind an apply that began before the field was dropped, and before the next, which leaves it out.
        await takeApplyTurn(tx, accountId);
        const gone = await deleteValues(tx, accountId, name, peopleAtOnce);
        await tallyRemoved(tx, accountId, "field_values", gone);
        return gone;
      });
    } while (erased === peopleAtOnce);
    await own.db.transaction(accountId, (tx) => updateFieldForgotten(tx, accountId, name));
    own.log.info({ field: name }, "erased the values of a field that is no longer kept");
  }
}
