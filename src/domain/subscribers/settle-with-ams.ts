import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import { queueWritebacks } from "../writebacks/queue-writebacks.ts";
import { type Owed, owedTo } from "./standing.rules.ts";
import { type KeyFacts, keyStandingOf, selectKeyFacts, updateFlag, updateReadAgain } from "./standing-store.ts";

/** Why something goes to the AMS that nobody asked for just now. */
const reasons = {
  unsubscribe: "Unsubscribed in Lockstep",
  bad_email: "Mail to this address came back",
  resubscribe: "New e-mail address: mail to the old one had come back",
} as const;

export interface Because {
  /** Keys whose flag the AMS's people lifted although a no stands here. */
  readonly undone?: ReadonlySet<string>;
  /** What the mail server said of an address. */
  readonly badEmail?: string;
  /** Why an address that came back is good. */
  readonly goodEmail?: string;
}

/**
 * Queues what the AMS is owed of these customer keys, after something changed by itself. (product 5.1) The caller holds
 * the account's apply turn, or holds off applies.
 */
export async function settleWithAms(
  tx: Tx,
  ctx: AccountContext,
  remoteIds: readonly string[],
  because: Because = {},
): Promise<void> {
  const facts = await selectKeyFacts(tx, ctx.accountId, remoteIds);
  const owed = Map.groupBy(facts, (key) => owedTo(keyStandingOf(key)));
  const of = (what: Owed) => (owed.get(what) ?? []).map(({ remoteId }) => remoteId);
  const now = ctx.clock.now();
  await updateFlag(tx, ctx.accountId, of("resubscribe"), "none", now);
  await updateReadAgain(tx, ctx.accountId, [...of("unsubscribe"), ...of("bad_email"), ...of("resubscribe")]);
  for (const type of ["unsubscribe", "bad_email", "resubscribe"] as const) {
    const said = { bad_email: because.badEmail, resubscribe: because.goodEmail, unsubscribe: undefined };
    const usual = said[type] ?? reasons[type];
    const people = Map.groupBy(owed.get(type) ?? [], ({ remoteId }) =>
      because.undone?.has(remoteId) ? `${usual}. The mark had been lifted in the AMS` : usual,
    );
    for (const [reason, keys] of people) await queueWritebacks(tx, ctx, keys.map(toPerson), { type, at: now, reason });
  }
}

const toPerson = ({ subscriberId, email, remoteId }: KeyFacts) => ({ id: subscriberId, email, remoteId });
