import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { WritebackType } from "./writeback.ts";

/** A writeback in a session's hands. */
export interface Taken {
  readonly id: number;
  readonly remoteId: string;
  readonly type: WritebackType;
  readonly decidedAt: Temporal.Instant;
  readonly reason: string | null;
  readonly tries: number;
  readonly unanswered: number;
  readonly isUnsure: boolean;
  readonly flagSetAt: Temporal.Instant | null;
  /** What stands in the AMS is the AMS's own: it is told, and the flag left as it is. */
  readonly leavesFlag: boolean;
}

/**
 * Takes what is due, the earliest first, each person's in their order: whose earlier one is not through waits. Others may
 * take at the same time and get other rows. `writeback_due` finds them, `writeback_unsent` the person's earlier one.
 */
export async function takeDue(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  session: string,
  most: number,
  now: Temporal.Instant,
): Promise<readonly Taken[]> {
  const { rows } = await sql<Taken>`
    with due as materialized (
      select w.id from writeback w
      where w.account_id = ${account} and w.bridge_id = ${bridge} and w.state = 'ready' and w.due_at <= ${now}
        and not exists (select from writeback earlier where earlier.account_id = ${account}
          and earlier.remote_id = w.remote_id and earlier.id < w.id and earlier.state in ('ready', 'processing'))
      order by w.due_at, w.id limit ${most} for no key update skip locked)
    update writeback w set state = 'processing', session_id = ${session}
    from due where w.account_id = ${account} and w.id = due.id and w.state = 'ready'
    returning w.id, w.remote_id as "remoteId", w.type, w.decided_at as "decidedAt", w.reason, w.tries, w.unanswered,
      w.is_unsure as "isUnsure", w.flag_set_at as "flagSetAt", w.lifts_nothing as "leavesFlag"`.execute(tx);
  return rows.toSorted((left, right) => left.id - right.id);
}

/** How far one has come. */
export interface Step {
  readonly id: number;
  readonly session: string;
  readonly step: "flag_set" | "sent";
}

/** Notes steps of many at once. @returns for each whether it was still in its session's hands */
export async function updateSteps(
  tx: Tx,
  account: AccountId,
  steps: readonly Step[],
  now: Temporal.Instant,
): Promise<readonly boolean[]> {
  const { rows } = await sql<{ id: number; step: Step["step"] }>`
    update writeback w set flag_set_at = coalesce(w.flag_set_at, ${now}),
      state = case when s.step = 'sent' then 'sent' else w.state end,
      ended_at = case when s.step = 'sent' then ${now}::timestamptz end,
      session_id = case when s.step = 'sent' then null else w.session_id end,
      is_unsure = w.is_unsure and s.step <> 'sent',
      error_kind = null, error_message = null, error_detail = null
    from unnest(${steps.map(({ id }) => id)}::bigint[], ${steps.map(({ session }) => session)}::uuid[],
      ${steps.map(({ step }) => step)}::text[]) as s (id, session, step)
    where w.account_id = ${account} and w.id = s.id and w.session_id = s.session
    returning w.id, s.step`.execute(tx);
  const noted = new Set(rows.map(({ id, step }) => `${id} ${step}`));
  return steps.map(({ id, step }) => noted.has(`${id} ${step}`));
}

/** What a try came to that did not go through. */
export interface FailedTry {
  readonly state: "ready" | "failed";
  readonly tries: number;
  readonly unanswered: number;
  readonly isUnsure: boolean;
  readonly dueAt: Temporal.Instant;
  readonly error: { readonly kind: string; readonly message: string; readonly detail: string | undefined };
}

/**
 * Notes a failed try. What was decided about the person meanwhile takes its place.
 * @returns what the writeback is now; undefined when the session no longer had it in hand
 */
export async function updateFailedTry(
  tx: Tx,
  account: AccountId,
  id: number,
  session: string,
  failed: FailedTry,
  now: Temporal.Instant,
): Promise<"ready" | "failed" | "superseded" | undefined> {
  const { rows } = await sql<{ state: "ready" | "failed" | "superseded" }>`
    update writeback w set state = case when later.id is not null then 'superseded' else ${failed.state} end,
      superseded_by = later.id, session_id = null, tries = ${failed.tries}, unanswered = ${failed.unanswered},
      is_unsure = ${failed.isUnsure}, due_at = ${failed.dueAt}::timestamptz,
      ended_at = case when later.id is not null or ${failed.state} = 'failed' then ${now}::timestamptz end,
      error_kind = ${failed.error.kind}, error_message = ${failed.error.message}, error_detail = ${failed.error.detail ?? null}
    from writeback self left join lateral (select newer.id from writeback newer
      where newer.account_id = ${account} and newer.remote_id = self.remote_id and newer.id > self.id and newer.state = 'ready'
      order by newer.id desc limit 1) later on true
    where self.account_id = ${account} and self.id = ${id}
      and w.account_id = ${account} and w.id = ${id} and w.session_id = ${session}
    returning w.state`.execute(tx);
  return rows[0]?.state;
}

/**
 * Lets go of what a session has in hand: it waits again, due as before. Of what may have been under way the AMS is asked
 * first. What was decided about a person meanwhile takes its place.
 * @param begun those that may have been under way; null when nobody knows, and all may
 */
export async function releaseWritebacks(
  tx: Tx,
  account: AccountId,
  session: string,
  begun: readonly number[] | null,
  now: Temporal.Instant,
): Promise<number> {
  const { rows } = await sql`
    with held as materialized (
      select w.id, (select max(newer.id) from writeback newer where newer.account_id = ${account}
        and newer.remote_id = w.remote_id and newer.id > w.id and newer.state = 'ready') as later
      from writeback w where w.account_id = ${account} and w.session_id = ${session})
    update writeback w set state = case when held.later is null then 'ready' else 'superseded' end,
      superseded_by = held.later, ended_at = case when held.later is null then null else ${now}::timestamptz end,
      session_id = null, is_unsure = w.is_unsure or ${begun === null ? sql`true` : sql`w.id = any(${begun}::bigint[])`}
    from held where w.account_id = ${account} and w.id = held.id returning w.id`.execute(tx);
  return rows.length;
}

/** Whether anything waits whose time has come. */
export async function isAnyDue(tx: Tx, account: AccountId, bridge: BridgeId, now: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql`select from writeback
    where account_id = ${account} and bridge_id = ${bridge} and state = 'ready' and due_at <= ${now} limit 1`.execute(
    tx,
  );
  return rows.length > 0;
}

/** When writebacks last gave a session of the bridge back. */
export async function updateWritebacksEndedAt(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  at: Temporal.Instant,
): Promise<void> {
  await sql`update bridge set writebacks_ended_at = ${at} where account_id = ${account} and id = ${bridge}`.execute(tx);
}

/** When overdue writebacks last asked for a session and got none. */
export async function updateWritebacksAskedAt(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  at: Temporal.Instant,
): Promise<void> {
  await sql`update bridge set writebacks_asked_at = ${at} where account_id = ${account} and id = ${bridge}`.execute(tx);
}

/** Whether they asked after an instant. */
export async function hasAsked(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  since: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await sql`select from bridge
    where account_id = ${account} and id = ${bridge} and writebacks_asked_at > ${since}`.execute(tx);
  return rows.length > 0;
}

/** Whether something has been due since an instant, and no session sent writebacks after another. */
export async function hasWaited(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  dueSince: Temporal.Instant,
  unsentSince: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await sql`select from bridge b where b.account_id = ${account} and b.id = ${bridge}
    and (b.writebacks_ended_at is null or b.writebacks_ended_at <= ${unsentSince})
    and exists (select from writeback w where w.account_id = ${account} and w.bridge_id = ${bridge}
      and w.state = 'ready' and w.due_at <= ${dueSince})`.execute(tx);
  return rows.length > 0;
}

/** Bridges with something due that may be called, over all accounts: for the worker's sweep. */
export async function selectBridgesWithDue(
  tx: Tx,
  now: Temporal.Instant,
): Promise<readonly { readonly accountId: AccountId; readonly bridgeId: BridgeId }[]> {
  const { rows } = await sql<{ accountId: AccountId; bridgeId: BridgeId }>`
    select b.account_id as "accountId", b.id as "bridgeId" from bridge b
    join account a on a.id = b.account_id and a.suspended_at is null
    where b.is_active and b.needs_attention_since is null and (b.probe_at is null or b.probe_at <= ${now})
      and exists (select from writeback w where w.account_id = b.account_id and w.bridge_id = b.id
        and w.state = 'ready' and w.due_at <= ${now})
    order by b.id`.execute(tx);
  return rows;
}
