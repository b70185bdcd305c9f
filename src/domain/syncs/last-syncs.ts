import { sql } from "kysely";
import type { AccountId } from "../accounts/account.ts";
import type { Context } from "../context.ts";
import type { SyncId, SyncKind, SyncState } from "./sync.ts";

/** How the last sync of an account ended, and how many wait for a decision. */
export interface AccountSyncs {
  readonly lastSync: {
    readonly id: SyncId;
    readonly kind: SyncKind;
    readonly state: SyncState;
    /** RFC 3339, in UTC. */
    readonly finishedAt: string;
    readonly errorMessage: string | null;
  } | null;
  readonly held: number;
}

/** For the operator: every account's last ended sync, by `sync_latest`, and its held ones. */
export function listAccountSyncs(ctx: Context): Promise<ReadonlyMap<AccountId, AccountSyncs>> {
  return ctx.db.system(async (tx) => {
    const { rows } = await sql<{ accountId: AccountId } & AccountSyncs>`
      select a.id as "accountId", h.held, case when l.id is not null then jsonb_build_object('id', l.id, 'kind', l.kind,
          'state', l.state, 'finishedAt', to_char(l.finished_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          'errorMessage', l.error_message) end as "lastSync"
      from account a
      left join lateral (select * from sync s where s.account_id = a.id and s.finished_at is not null and not s.is_dry_run
        order by s.requested_at desc, s.id desc limit 1) l on true
      cross join lateral (select count(*) as held from sync s
        where s.account_id = a.id and s.state = 'held') h`.execute(tx);
    return new Map(rows.map(({ accountId, ...syncs }) => [accountId, syncs]));
  });
}
