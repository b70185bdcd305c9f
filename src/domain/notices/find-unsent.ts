import type { AccountContext } from "../context.ts";
import { selectUnsent, type UnsentNotices } from "./mail-store.ts";

/** How far back somebody is told that mails did not leave. */
const daysTold = 7;

/** Users whose latest mail of the last days could not be sent, or has been refused again and again; null while all get theirs. */
export function findUnsentNotices(ctx: AccountContext): Promise<UnsentNotices | null> {
  const since = ctx.clock.now().subtract({ hours: 24 * daysTold });
  return ctx.db.transaction(ctx.accountId, (tx) => selectUnsent(tx, ctx.accountId, since));
}
