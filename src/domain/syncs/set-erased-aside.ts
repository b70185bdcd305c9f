import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import { addressKey } from "../subscribers/address.rules.ts";
import { type Erased, findErased } from "../subscribers/erased.ts";
import type { Staged } from "./staging-store.ts";

interface StagedIdentity {
  readonly sequence: number;
  readonly remoteId: string;
  readonly email: string;
  readonly emailKey: string;
}

const rowsAtOnce = 10_000;

/**
 * Sets aside every staged row of a person who was erased, and empties it: it is counted with the rows that can't be used,
 * and nothing of it is kept but that it came. Before anything else is made of the rows, so that such a row is nobody's
 * duplicate. Where nobody was erased it is one look at an empty table. (product 2.6, 1.7)
 * @param options.byKey whether rows carry customer keys: a file's carry their line in that place
 * @param options.since only those erased behind this apply turn
 * @returns how many rows
 */
export async function setErasedAside(
  tx: Tx,
  ctx: AccountContext,
  staged: Staged,
  { byKey, since }: { readonly byKey: boolean; readonly since?: number | undefined },
): Promise<number> {
  const erased = await findErased(tx, ctx, since);
  if (!erased) return 0;
  const found = await findRows(tx, staged, erased, byKey);
  if (found.length > 0) await emptyRows(tx, staged, found, byKey);
  return found.length;
}

/** The table has no index, so it is walked with a cursor, once. */
async function findRows(tx: Tx, staged: Staged, erased: Erased, byKey: boolean): Promise<readonly number[]> {
  const found: number[] = [];
  await sql`declare staged_identities no scroll cursor for
    select sequence, remote_id as "remoteId", email_key as "emailKey",
      case when email_key = '' then email else '' end as email from ${staged}`.execute(tx);
  for (let isMore = true; isMore; ) {
    const { rows } = await sql<StagedIdentity>`fetch ${sql.lit(rowsAtOnce)} from staged_identities`.execute(tx);
    for (const { sequence, remoteId, email, emailKey } of rows) {
      // A row that can't be used has no address in its compared form, but may well show one.
      const address = emailKey === "" ? addressKey(email) : emailKey;
      if (erased.has(address, byKey ? remoteId : null)) found.push(sequence);
    }
    isMore = rows.length === rowsAtOnce;
  }
  await sql`close staged_identities`.execute(tx);
  return found;
}

async function emptyRows(tx: Tx, staged: Staged, sequences: readonly number[], byKey: boolean): Promise<void> {
  await sql`update ${staged} set reason = 'erased', email = '', email_key = '', "values" = '{}', row_hash = null,
      extra = null ${byKey ? sql`, remote_id = ''` : sql``}
    where sequence = any(${sequences}::int[])`.execute(tx);
}
