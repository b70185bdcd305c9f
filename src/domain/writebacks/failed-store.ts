import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";

/** Writebacks that wait for a person: how many, and what came of the latest decided of them. */
export interface FailedWritebacks {
  readonly failed: number;
  readonly at: Temporal.Instant;
  readonly reason: string;
}

/** Null while none has failed. `writeback_by_state` serves both parts. */
export async function selectFailed(tx: Tx, account: AccountId): Promise<FailedWritebacks | null> {
  const { rows } = await sql<FailedWritebacks>`
    select ended_at as at, coalesce(error_message, '') as reason,
      (select count(*) from writeback where account_id = ${account} and state = 'failed') as failed
    from writeback where account_id = ${account} and state = 'failed' order by id desc limit 1`.execute(tx);
  return rows[0] ?? null;
}
