import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { SyncId } from "./sync.ts";

const syncsAtOnce = 500;

/** How far the housekeeping has come among an account's syncs, in the order in which they ended. */
export interface SyncMark {
  readonly endedAt: Temporal.Instant;
  readonly id: SyncId;
}

export interface ForgottenDetail {
  readonly events: number;
  readonly rejectedRows: number;
  /** Where to go on; the same as before while the next syncs still have some left, null when nothing is old enough. */
  readonly mark: SyncMark | null;
}

/**
 * Removes the stories of the next syncs that ended before an instant, and the rows that were set aside until one of
 * them found them gone. Syncs, their numbers and who was in which group stay. (product 1.7, 1.8)
 * @param after where the last batch ended; undefined begins with the oldest
 * @param most how many rows of each kind go at once
 */
export async function deleteOldSyncDetail(
  tx: Tx,
  account: AccountId,
  before: Temporal.Instant,
  after: SyncMark | undefined,
  most: number,
): Promise<ForgottenDetail> {
  const { rows } = await sql<SyncMark>`select id, finished_at as "endedAt" from sync
    where account_id = ${account} and finished_at < ${before}
      ${after ? sql`and (finished_at, id) > (${after.endedAt}::timestamptz, ${after.id}::uuid)` : sql``}
    order by finished_at, id limit ${syncsAtOnce}`.execute(tx);
  const last = rows.at(-1);
  if (!last) return { events: 0, rejectedRows: 0, mark: null };
  const ids = rows.map(({ id }) => id);
  const events = await sql`delete from sync_event e using (
      select sync_id, id from sync_event where account_id = ${account} and sync_id = any(${ids}::uuid[]) limit ${most}) old
    where e.account_id = ${account} and e.sync_id = old.sync_id and e.id = old.id`.execute(tx);
  const rejected = await sql`delete from rejected_row r using (
      select ctid from rejected_row where removed_by = any(${ids}::uuid[]) and account_id = ${account} limit ${most}) old
    where r.ctid = old.ctid and r.account_id = ${account}`.execute(tx);
  const gone = { events: Number(events.numAffectedRows ?? 0), rejectedRows: Number(rejected.numAffectedRows ?? 0) };
  const isMoreLeft = gone.events === most || gone.rejectedRows === most;
  return { ...gone, mark: isMoreLeft ? (after ?? beginning) : last };
}

const beginning: SyncMark = {
  endedAt: Temporal.Instant.fromEpochMilliseconds(0),
  id: "00000000-0000-0000-0000-000000000000" as SyncId,
};

/** Removes the verdicts of nights that ended before an instant; the nights stay. @returns how many went, at most `most` */
export async function deleteOldVerdicts(tx: Tx, account: AccountId, before: Temporal.Instant, most: number) {
  const result = await sql`delete from nightly_verdict v using (
      select x.run_id, x.group_id from nightly_run r
      join nightly_verdict x on x.account_id = r.account_id and x.run_id = r.id
      where r.account_id = ${account} and r.finished_at < ${before} limit ${most}) old
    where v.account_id = ${account} and v.run_id = old.run_id and v.group_id = old.group_id`.execute(tx);
  return Number(result.numAffectedRows ?? 0);
}
