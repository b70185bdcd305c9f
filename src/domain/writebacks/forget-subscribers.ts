import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";

/**
 * Takes people out of what goes, or went, to the AMS. What they decided still goes, by the customer key alone, which the
 * AMS knows anyway. (product 2.6, 5.1)
 */
export async function forgetSubscribers(tx: Tx, account: AccountId, ids: readonly number[]): Promise<void> {
  await sql`update writeback set subscriber_id = null, email = null, reason = null, error_detail = null
    where account_id = ${account} and subscriber_id = any(${ids}::bigint[])`.execute(tx);
}
