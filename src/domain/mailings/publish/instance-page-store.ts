import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { Instance, InstanceState } from "../instance.ts";
import type { InstanceId, MailingId } from "../mailing.ts";
import { type ExclusionReason, exclusionReasons, type RecipientState, recipientStates } from "../recipient.ts";
import type { InstanceEvent } from "./instance-store.ts";

/** An instance as lists show it: without what is sent. */
export type InstanceRow = Omit<Instance, "content" | "firstSyncRound" | "confirmedRecipients">;

const columns = sql`i.id, i.mailing_id as "mailingId", i.name, i.state, i.resumes_in as "resumesIn",
  i.open_tracking as "openTracking", i.opt_out_category as "optOutCategory", i.owner_id as "ownerId", i.published_at as "publishedAt", i.published_by as "publishedBy",
  i.due_at as "dueAt", i.syncing_at as "syncingAt", i.building_at as "buildingAt", i.built_at as "builtAt",
  i.send_from as "sendFrom", i.sending_at as "sendingAt", i.finished_at as "finishedAt", i.sync_round as "syncRound",
  i.retry_at as "retryAt", i.may_use_last_good as "mayUseLastGood", i.is_growth_confirmed as "isGrowthConfirmed",
  i.hold_kind as "holdKind", i.hold_message as "holdMessage", i.held_at as "heldAt", i.cancelled_by as "cancelledBy",
  i.audience, i.recipients, i.excluded, i.version`;

export interface InstanceFilter {
  readonly mailingId?: MailingId | undefined;
  readonly states?: readonly InstanceState[] | undefined;
  /** Due at or after this instant. */
  readonly from?: Temporal.Instant | undefined;
  /** Due before this instant. */
  readonly to?: Temporal.Instant | undefined;
  readonly limit: number;
  readonly after?: { readonly dueAt: string; readonly id: string } | undefined;
}

/** One page of instances, those due last first. `mailing_instance_by_due` serves it. */
export async function selectInstancePage(
  tx: Tx,
  account: AccountId,
  { mailingId, states, from, to, after, limit }: InstanceFilter,
): Promise<readonly InstanceRow[]> {
  const { rows } = await sql<InstanceRow>`select ${columns} from mailing_instance i
    where i.account_id = ${account}
      ${mailingId ? sql`and i.mailing_id = ${mailingId}` : sql``}
      ${states ? sql`and i.state = any(${states}::text[])` : sql``}
      ${from ? sql`and i.due_at >= ${from}` : sql``} ${to ? sql`and i.due_at < ${to}` : sql``}
      ${after ? sql`and (i.due_at, i.id) < (${after.dueAt}::timestamptz, ${after.id}::uuid)` : sql``}
    order by i.due_at desc, i.id desc limit ${limit}`.execute(tx);
  return rows;
}

/** Instances that wait for a person, the latest first. (product 4.3) */
export async function selectHeldInstances(tx: Tx, account: AccountId, limit: number): Promise<readonly InstanceRow[]> {
  const { rows } = await sql<InstanceRow>`select ${columns} from mailing_instance i
    where i.account_id = ${account} and i.state = 'on_hold' order by i.held_at desc, i.id limit ${limit}`.execute(tx);
  return rows;
}

const linesShown = 200;

/** The last lines of an instance's story, the oldest of them first. */
export async function selectInstanceEvents(
  tx: Tx,
  account: AccountId,
  id: InstanceId,
): Promise<readonly InstanceEvent[]> {
  const { rows } = await sql<InstanceEvent>`select at, state, message, by from (
      select * from instance_event where account_id = ${account} and instance_id = ${id} order by id desc limit ${linesShown}) e
    order by id`.execute(tx);
  return rows;
}

async function countBy<Key extends string>(
  tx: Tx,
  keys: readonly Key[],
  counted: RawBuilder<{ key: Key; people: number }>,
): Promise<Readonly<Record<Key, number>>> {
  const { rows } = await counted.execute(tx);
  const found = new Map(rows.map(({ key, people }) => [key, people]));
  return Object.fromEntries(keys.map((key) => [key, found.get(key) ?? 0])) as Record<Key, number>;
}

/**
 * How many recipients are in each state: of those who don't wait `recipient_by_state` alone tells, the others wait.
 * @param recipients how many there are
 */
export async function countRecipients(tx: Tx, account: AccountId, id: InstanceId, recipients: number) {
  const counts = await countBy<RecipientState>(
    tx,
    recipientStates,
    sql`select state as key, count(*) as people from recipient
      where account_id = ${account} and instance_id = ${id} and state <> 'waiting' group by state`,
  );
  return { ...counts, waiting: recipients - Object.values(counts).reduce((sum, people) => sum + people, 0) };
}

/** How many are left out for each reason: counted, or as it was kept when the list of them went. */
export async function countExclusions(tx: Tx, account: AccountId, id: InstanceId) {
  const { rows } = await sql<{ kept: Readonly<Record<ExclusionReason, number>> }>`
    select exclusions_kept as kept from mailing_instance
    where account_id = ${account} and id = ${id} and exclusions_kept is not null`.execute(tx);
  if (rows[0]) return rows[0].kept;
  return countBy<ExclusionReason>(
    tx,
    exclusionReasons,
    sql`select reason as key, count(*) as people from instance_exclusion
      where account_id = ${account} and instance_id = ${id} group by reason`,
  );
}

export interface InstanceRecipient {
  readonly place: number;
  readonly subscriberId: number;
  readonly email: string;
  readonly state: RecipientState;
  readonly tries: number;
  readonly dueAt: Temporal.Instant | null;
  readonly sentAt: Temporal.Instant | null;
  /** What the receiving server said. */
  readonly reply: string | null;
}

export interface RecipientFilter {
  readonly id: InstanceId;
  readonly states?: readonly RecipientState[] | undefined;
  /** The beginning of an address, in the form that addresses are compared in. */
  readonly search?: string | undefined;
  readonly limit: number;
  readonly after?: number | undefined;
}

/** One page of recipients by place, which is the order of their addresses too. */
export async function selectRecipients(
  tx: Tx,
  account: AccountId,
  { id, states, search, after = 0, limit }: RecipientFilter,
): Promise<readonly InstanceRecipient[]> {
  const { rows } = await sql<InstanceRecipient>`select place, subscriber_id as "subscriberId", email, state, tries,
      due_at as "dueAt", sent_at as "sentAt", reply
    from recipient where account_id = ${account} and instance_id = ${id} and place > ${after}
      ${states ? sql`and state = any(${states}::text[])` : sql``}
      ${search ? sql`and email_key >= ${search} and email_key < ${`${search}\u{10FFFF}`}` : sql``}
    order by place limit ${limit}`.execute(tx);
  return rows;
}

export interface LeftOut {
  readonly subscriberId: number;
  readonly email: string;
  readonly remoteId: string | null;
  readonly reason: ExclusionReason;
}

/** One page of those left out for a reason. `instance_exclusion_by_reason` serves it. */
export async function selectLeftOut(
  tx: Tx,
  account: AccountId,
  filter: {
    readonly id: InstanceId;
    readonly reason: ExclusionReason;
    readonly limit: number;
    readonly after?: number | undefined;
  },
): Promise<readonly LeftOut[]> {
  const { rows } = await sql<LeftOut>`
    select x.subscriber_id as "subscriberId", s.email, s.remote_id as "remoteId", x.reason from instance_exclusion x
    join subscriber s on s.account_id = x.account_id and s.id = x.subscriber_id
    where x.account_id = ${account} and x.instance_id = ${filter.id} and x.reason = ${filter.reason}
      and x.subscriber_id > ${filter.after ?? 0}
    order by x.subscriber_id limit ${filter.limit}`.execute(tx);
  return rows;
}
