import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";

/** Takes an erased person's customer key out of the events that are kept for a while: nothing else names anybody. (product 2.6) */
export async function forgetCustomerKey(tx: Tx, ctx: AccountContext, remoteId: string): Promise<void> {
  await sql`update told_event set data = replace(data::text, to_jsonb(${remoteId}::text)::text, '"erased"')::jsonb
    where account_id = ${ctx.accountId} and strpos(data::text, to_jsonb(${remoteId}::text)::text) > 0`.execute(tx);
}
