import { sql } from "kysely";
import type { Account } from "../accounts/account.ts";
import { selectAccounts } from "../accounts/store.ts";
import type { Context } from "../context.ts";

/** How the operator's list shows an account's bridge. */
export interface AccountHealth {
  readonly account: Account;
  readonly bridge:
    | "not_set_up"
    | "inactive"
    /** Its credentials were refused. */
    | "needs_attention"
    /** The AMS has not answered for a while. */
    | "unreachable"
    | "healthy";
  readonly listSyncedAt: Temporal.Instant | null;
  /** Why it needs attention, in words. */
  readonly reason: string | null;
}

interface Row {
  readonly accountId: string;
  readonly bridge: AccountHealth["bridge"];
  readonly listSyncedAt: Temporal.Instant | null;
  readonly reason: string | null;
}

/** Every account with the health of its bridge, for staff. Thousands at most. */
export function listAccountHealth(ctx: Context): Promise<readonly AccountHealth[]> {
  return ctx.db.system(async (tx) => {
    const { rows } = await sql<Row>`select account_id as "accountId", list_synced_at as "listSyncedAt",
      needs_attention_reason as reason,
      case when not is_active then 'inactive' when needs_attention_since is not null then 'needs_attention'
        when probe_at is not null then 'unreachable' else 'healthy' end as bridge from bridge`.execute(tx);
    const bridges = new Map(rows.map((row) => [row.accountId, row]));
    return (await selectAccounts(tx)).map((account) => {
      const { bridge = "not_set_up", listSyncedAt = null, reason = null } = bridges.get(account.id) ?? {};
      return { account, bridge, listSyncedAt, reason };
    });
  });
}
