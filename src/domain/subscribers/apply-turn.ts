import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";

/** How many reads were applied in the account so far: with it a comparison knows later whether it is out of date. */
export async function selectApplyTurn(tx: Tx, account: AccountId): Promise<number> {
  const { rows } = await sql<{ turn: number }>`select turn from apply_turn where account_id = ${account}`.execute(tx);
  return rows[0]?.turn ?? 0;
}

/** Waits until nobody else writes many people of the account, and holds the turn until the transaction ends. */
export async function takeApplyTurn(tx: Tx, account: AccountId): Promise<number> {
  const { rows } = await sql<{ turn: number }>`insert into apply_turn (account_id, turn) values (${account}, 1)
    on conflict (account_id) do update set turn = apply_turn.turn + 1 returning turn`.execute(tx);
  return rows[0]?.turn ?? 0;
}
