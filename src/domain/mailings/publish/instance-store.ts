import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import { type Instance, type InstanceState, mailingStateOf } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import { comesBack, hasUntaken } from "../untaken.ts";

const columns = sql`i.id, i.mailing_id as "mailingId", i.name, i.state, i.resumes_in as "resumesIn", i.content,
  i.open_tracking as "openTracking", i.opt_out_category as "optOutCategory", i.owner_id as "ownerId", i.published_at as "publishedAt", i.published_by as "publishedBy",
  i.due_at as "dueAt", i.syncing_at as "syncingAt", i.building_at as "buildingAt", i.built_at as "builtAt",
  i.send_from as "sendFrom", i.sending_at as "sendingAt", i.finished_at as "finishedAt", i.sync_round as "syncRound",
  i.first_sync_round as "firstSyncRound", i.confirmed_recipients as "confirmedRecipients",
  i.retry_at as "retryAt", i.may_use_last_good as "mayUseLastGood", i.is_growth_confirmed as "isGrowthConfirmed",
  i.hold_kind as "holdKind", i.hold_message as "holdMessage", i.held_at as "heldAt", i.cancelled_by as "cancelledBy",
  i.audience, i.recipients, i.excluded, i.version`;

export async function selectInstance(tx: Tx, account: AccountId, id: InstanceId): Promise<Instance | undefined> {
  const { rows } = await sql<Instance>`select ${columns} from mailing_instance i
    where i.account_id = ${account} and i.id = ${id}`.execute(tx);
  return rows[0];
}

/** The same, held for change until the transaction ends: two workers can't both take it a step on. */
export async function lockInstance(tx: Tx, account: AccountId, id: InstanceId): Promise<Instance | undefined> {
  const { rows } = await sql<Instance>`select ${columns} from mailing_instance i
    where i.account_id = ${account} and i.id = ${id} for no key update`.execute(tx);
  return rows[0];
}

/**
 * Moves an instance into a state, its mailing with it. The caller holds the instance's row.
 * @param also further columns to set, as SQL
 */
export async function updateInstanceState(
  tx: Tx,
  account: AccountId,
  { id, mailingId }: Pick<Instance, "id" | "mailingId">,
  state: InstanceState,
  also?: RawBuilder<unknown>,
): Promise<void> {
  await sql`update mailing_instance set state = ${state}, version = version + 1 ${also ? sql`, ${also}` : sql``}
    where account_id = ${account} and id = ${id}`.execute(tx);
  await sql`update mailing set state = ${mailingStateOf(state)}
    where account_id = ${account} and id = ${mailingId} and state <> ${mailingStateOf(state)}`.execute(tx);
}

/** A line of an instance's story. */
export interface InstanceEvent {
  readonly at: Temporal.Instant;
  readonly state: InstanceState;
  readonly message: string;
  /** Who decided it; null for what happens by itself. */
  readonly by: string | null;
}

export async function insertInstanceEvent(
  tx: Tx,
  account: AccountId,
  id: InstanceId,
  { at, state, message, by }: InstanceEvent,
): Promise<void> {
  await sql`insert into instance_event (account_id, instance_id, at, state, message, by)
    values (${account}, ${id}, ${at}, ${state}, ${message}, ${by})`.execute(tx);
}

/** Whether anybody is still to be sent to, or in somebody's hands: each kind by an index of its own. */
export async function hasUnsentRecipients(tx: Tx, account: AccountId, id: InstanceId): Promise<boolean> {
  const { rows } = await sql<{ isLeft: boolean }>`select ${hasUntaken(sql`i`)}
      or exists (select from recipient where account_id = ${account} and instance_id = ${id} and ${comesBack})
      or exists (select from recipient where account_id = ${account} and instance_id = ${id} and state in ('claimed', 'handing_over'))
      as "isLeft"
    from mailing_instance i where i.account_id = ${account} and i.id = ${id}`.execute(tx);
  return rows[0]?.isLeft ?? false;
}
