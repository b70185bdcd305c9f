import { InvalidInputError, NotFoundError } from "../../platform/errors.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import { addressKey } from "./address.rules.ts";
import { erasedName, hashAddress } from "./erased.ts";
import { deleteErasure } from "./erased-store.ts";

/**
 * Lifts an erasure, for a person who asks to come back: all hashes of theirs go, and the next sync or file brings them
 * as somebody new. Nothing of what was erased comes back. (product 2.6)
 * @param email any address that the person was erased with
 * @param reason how the person asked for it
 * @throws NotFoundError when nobody with this address was erased
 */
export async function liftErasure(ctx: AccountContext, email: string, reason: string): Promise<void> {
  const key = addressKey(email);
  if (key === null) throw new InvalidInputError([{ path: "email", message: "is no e-mail address" }]);
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    const erasedAt = await deleteErasure(tx, ctx.accountId, hashAddress(ctx, ctx.accountId, key));
    if (!erasedAt) throw new NotFoundError("erased person with the address", email, "Type it as it was when erased.");
    await recordChange(tx, ctx, "subscriber.lift_erasure", erasedName, { reason, erasedAt });
  });
}
