import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";

/**
 * Takes addresses out of the account's audit log; what was done, when and by whom stays. The log takes no other change.
 * (product 2.6) Entries about users keep theirs: a colleague who was written to signs in all the same.
 */
export async function eraseFromAudit(tx: Tx, addresses: readonly string[]): Promise<void> {
  const pattern = addresses.map((address) => address.replaceAll(/[^\p{L}\p{N}@_-]/gu, "\\$&")).join("|");
  await sql`select erase_from_audit(${pattern})`.execute(tx);
}
