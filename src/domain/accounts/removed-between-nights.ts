import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "./account.ts";

export const removedAtOnceKinds = ["values", "field_values", "uploads", "versions"] as const;
/**
 * What goes within minutes, not at night: values of mailings, of fields that are no longer kept, files, and versions of a
 * mailing that has too many.
 */
export type RemovedAtOnceKind = (typeof removedAtOnceKinds)[number];

/** Counts what the caller's transaction removes, for the next night's report. (product 2.5) */
export async function tallyRemoved(tx: Tx, account: AccountId, kind: RemovedAtOnceKind, rows: number): Promise<void> {
  if (rows === 0) return;
  await sql`insert into removed_between_nights as r (account_id, kind, rows) values (${account}, ${kind}, ${rows})
    on conflict (account_id, kind) do update set rows = r.rows + excluded.rows`.execute(tx);
}

/** Takes up what was counted since the last night: it stands in the caller's report alone. */
export async function takeRemoved(
  tx: Tx,
  account: AccountId,
): Promise<Readonly<Partial<Record<RemovedAtOnceKind, number>>>> {
  const { rows } = await sql<{ kind: RemovedAtOnceKind; rows: number }>`
    delete from removed_between_nights where account_id = ${account} returning kind, rows`.execute(tx);
  return Object.fromEntries(rows.map((one) => [one.kind, one.rows]));
}
