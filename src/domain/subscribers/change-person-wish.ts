import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, must, NotFoundError } from "../../platform/errors.ts";
import type { AccountContext } from "../context.ts";
import { resubscribe, unsubscribe } from "./change-wish.ts";
import { selectSubscriber } from "./store.ts";
import type { Subscriber } from "./subscriber.ts";

/**
 * An administrator unsubscribes a person.
 * @param reason empty when nobody said
 * @throws NotFoundError when the account has no such subscriber
 * @throws ConflictError when the person is unsubscribed here already
 */
export function unsubscribePerson(ctx: AccountContext, id: number, reason: string): Promise<Subscriber> {
  return change(ctx, id, async (tx, person) => {
    if (person.unsubscribedAt !== null)
      throw new ConflictError("unsubscribed_already", `${person.email} is unsubscribed here already.`);
    await unsubscribe(tx, ctx, [id], { origin: "administrator", reason: reason === "" ? null : reason });
  });
}

/**
 * An administrator takes back what was set here of a person: the unsubscribe, the bad e-mail, and the AMS's flag as far
 * as a writeback set it.
 * @throws NotFoundError when the account has no such subscriber
 * @throws ConflictError when nothing was set here; only the AMS lifts its own flag (product 2.4)
 */
export function resubscribePerson(ctx: AccountContext, id: number, reason: string): Promise<Subscriber> {
  return change(ctx, id, async (tx, person) => {
    const isSetHere = person.unsubscribedAt !== null || person.badEmailAt !== null;
    if (!isSetHere && person.doNotEmailOrigin !== "here") {
      throw new ConflictError(
        "nothing_to_lift",
        `Nothing was set here of ${person.email}.`,
        person.doNotEmail ? "The flag comes from the AMS: change it there." : "",
      );
    }
    await resubscribe(tx, ctx, [id], { origin: "administrator", reason });
  });
}

type Change = (tx: Tx, person: Subscriber) => Promise<void>;

function change(ctx: AccountContext, id: number, run: Change): Promise<Subscriber> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const person = await selectSubscriber(tx, ctx.accountId, id);
    if (!person || person.erasedAt !== null) throw new NotFoundError("subscriber", String(id));
    await run(tx, person);
    return must(await selectSubscriber(tx, ctx.accountId, id), "it was there before");
  });
}
