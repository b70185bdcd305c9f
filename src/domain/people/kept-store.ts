import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { recipientsOf } from "../mailings/recipients-of.ts";

/** How much is kept of a person. */
export interface Kept {
  /** Groups the person is in now. */
  readonly groups: number;
  readonly mailings: number;
  /** Not sent yet: it won't be. */
  readonly waiting: number;
  readonly wishChanges: number;
  /** Writebacks that have not reached the AMS: they go all the same. */
  readonly openWritebacks: number;
}

export async function countKept(tx: Tx, account: AccountId, ids: readonly number[]): Promise<Kept> {
  const own = sql`account_id = ${account} and subscriber_id = any(${ids}::bigint[])`;
  const { rows } = await sql<Kept>`select
    (select count(distinct group_id) from membership where ${own} and removed_by is null) as groups,
    (select count(*) from ${recipientsOf(account, ids)}) as mailings,
    (select count(*) from ${recipientsOf(account, ids)} where r.state in ('waiting', 'deferred')) as waiting,
    (select count(*) from wish_change where ${own}) as "wishChanges",
    (select count(*) from writeback where ${own} and state in ('ready', 'processing')) as "openWritebacks"`.execute(tx);
  return rows[0] as Kept;
}
