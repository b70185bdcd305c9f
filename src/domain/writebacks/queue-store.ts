import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { WritebackDecision } from "./writeback.ts";

export interface NewWriteback {
  readonly remoteId: string;
  readonly subscriberId: number;
  readonly email: string;
}

/**
 * Queues one for each person, in the place of what has not been sent of theirs: what waits, and what failed. One that is
 * under way stays: the new one waits for it. While the flag is known as the AMS's own, it is left as it is.
 */
export async function insertWritebacks(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  people: readonly NewWriteback[],
  decision: WritebackDecision,
  dueAt: Temporal.Instant,
): Promise<void> {
  const { rows } = await sql<{ id: number; remoteId: string }>`
    insert into writeback (account_id, bridge_id, remote_id, subscriber_id, email, type, decided_at, reason, due_at, lifts_nothing)
    select ${account}::uuid, ${bridge}::uuid, remote_id, subscriber_id, email, ${decision.type},
      ${decision.at}::timestamptz, ${decision.reason}, ${dueAt}::timestamptz,
      ${decision.leavesFlag ?? false} or exists (select from subscriber s where s.account_id = ${account}
        and s.remote_id = person.remote_id and s.do_not_email and not s.flag_is_ours)
    from unnest(${people.map((person) => person.remoteId)}::text[], ${people.map((person) => person.subscriberId)}::bigint[],
      ${people.map((person) => person.email)}::text[]) as person (remote_id, subscriber_id, email)
    returning id, remote_id as "remoteId"`.execute(tx);
  await sql`
    update writeback w set state = 'superseded', superseded_by = later.id, ended_at = ${decision.at}
    from unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ remoteId }) => remoteId)}::text[]) as later (id, remote_id)
    where w.account_id = ${account} and w.remote_id = later.remote_id and w.id < later.id
      and w.state in ('ready', 'failed')`.execute(tx);
}

/**
 * Takes people's writebacks of one type back that have not been sent: those that wait or failed and never began, and
 * those in whose place something waits. What such a one had taken the place of is to be sent again, or is in the place
 * of what comes after all of them.
 */
export async function withdrawNotBegun(
  tx: Tx,
  account: AccountId,
  remoteIds: readonly string[],
  type: "unsubscribe" | "bad_email",
  now: Temporal.Instant,
): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    select w.id from writeback w
    left join writeback later on later.account_id = ${account} and later.id = w.superseded_by
    where w.account_id = ${account} and w.remote_id = any(${remoteIds}::text[]) and w.type = ${type}
      and w.flag_set_at is null and not w.is_unsure
      and (w.state in ('ready', 'failed') or (w.state = 'superseded' and later.state in ('ready', 'processing', 'failed')))
    order by w.id for no key update of w`.execute(tx);
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return;
  await sql`
    with recursive gone as materialized (
      select id, superseded_by as later from writeback where account_id = ${account} and id = any(${ids}::bigint[])),
    led (id, later) as (
      select w.id, g.later from gone g join writeback w on w.account_id = ${account} and w.superseded_by = g.id
      where w.id <> all(${ids}::bigint[])
      union all
      select l.id, g.later from led l join gone g on g.id = l.later)
    update writeback w set superseded_by = l.later,
      state = case when l.later is null then 'ready' else w.state end,
      ended_at = case when l.later is null then null else w.ended_at end,
      tries = case when l.later is null then 0 else w.tries end
    from led l where w.account_id = ${account} and w.id = l.id and (l.later is null or l.later <> all(${ids}::bigint[]))`.execute(
    tx,
  );
  await sql`update writeback set state = 'withdrawn', superseded_by = null, ended_at = ${now}
    where account_id = ${account} and id = any(${ids}::bigint[])`.execute(tx);
}

/** Takes back whatever of these keys waits or failed. What is under way goes on. */
export async function withdrawOpen(
  tx: Tx,
  account: AccountId,
  remoteIds: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`update writeback set state = 'withdrawn', ended_at = ${now}
    where account_id = ${account} and remote_id = any(${remoteIds}::text[]) and state in ('ready', 'failed')`.execute(
    tx,
  );
}
