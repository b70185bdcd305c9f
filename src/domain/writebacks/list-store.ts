import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Writeback, WritebackState, WritebackType } from "./writeback.ts";

export const columns = sql`id, bridge_id as "bridgeId", remote_id as "remoteId", subscriber_id as "subscriberId", email, type,
  decided_at as "decidedAt", reason, state, due_at as "dueAt", tries, ended_at as "endedAt", error_kind as "errorKind",
  error_message as "errorMessage", error_detail as "errorDetail", superseded_by as "supersededBy"`;

export interface WritebackFilter {
  readonly states?: readonly WritebackState[] | undefined;
  readonly types?: readonly WritebackType[] | undefined;
  /** The beginning of the address or of the customer key. */
  readonly search?: string | undefined;
  /** Exactly this person's, by the customer key. */
  readonly remoteId?: string | undefined;
  /** Decided at or after this instant. */
  readonly from?: Temporal.Instant | undefined;
  /** Decided before this instant. */
  readonly to?: Temporal.Instant | undefined;
  readonly limit: number;
  readonly after?: number | undefined;
}

/**
 * One page, the latest first. The primary key serves it, `writeback_by_state` what is in one state, `writeback_by_type`
 * what is no unsubscribe, `writebacks_named` the search.
 */
export async function selectWritebackPage(
  tx: Tx,
  account: AccountId,
  filter: WritebackFilter,
): Promise<readonly Writeback[]> {
  const { rows } = await sql<Writeback>`select ${columns} from writeback
    where account_id = ${account}
      ${filter.states ? sql`and state = any(${filter.states}::text[])` : sql``}
      ${filter.types ? sql`and type = any(${filter.types}::text[])` : sql``}
      ${filter.search ? await matching(tx, filter.search) : sql``}
      ${filter.remoteId === undefined ? sql`` : sql`and remote_id = ${filter.remoteId}`}
      ${filter.from ? sql`and decided_at >= ${filter.from}` : sql``}
      ${filter.to ? sql`and decided_at < ${filter.to}` : sql``}
      ${filter.after === undefined ? sql`` : sql`and id < ${filter.after}`}
    order by id desc limit ${filter.limit}`.execute(tx);
  return rows;
}

/** From so many on, whoever is looked for comes up soon in the list itself. */
const mostNamed = 5000;

/** Somebody rare is found by name first: in the order of the list, the server would walk all of it for them. */
async function matching(tx: Tx, search: string): Promise<RawBuilder<unknown>> {
  const begins = `${search
    .trim()
    .toLowerCase()
    .replace(/[\\%_]/g, "\\$&")}%`;
  const { rows } = await sql<{ id: number }>`select id from writebacks_named(${begins}, ${mostNamed + 1}) id`.execute(
    tx,
  );
  if (rows.length <= mostNamed) return sql`and id = any(${rows.map(({ id }) => id)}::bigint[])`;
  return sql`and (lower(email) like ${begins} or remote_id like ${begins})`;
}

export async function selectWriteback(tx: Tx, account: AccountId, id: number): Promise<Writeback | undefined> {
  const { rows } = await sql<Writeback>`select ${columns} from writeback
    where account_id = ${account} and id = ${id}`.execute(tx);
  return rows[0];
}
