import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { Erased } from "../../subscribers/erased.ts";
import type { SyncId } from "../../syncs/sync.ts";
import type { Rule } from "../../target-groups/compound.rules.ts";
import { inAnyOf, membersOf } from "../../target-groups/members-of.ts";
import type { InstanceId, MailingId } from "../mailing.ts";
import { type ExclusionReason, exclusionReasons } from "../recipient.ts";

/** Whom a mailing goes to, down to the groups with members of their own. */
export interface AudienceRules {
  readonly to: readonly Rule[];
  readonly notTo: readonly Rule[];
}

/** What became of everybody in the groups to send to: the numbers add up. (product 4.2) */
export interface AudienceCounts {
  readonly audience: number;
  readonly recipients: number;
  readonly excluded: Readonly<Record<ExclusionReason, number>>;
}

/** Sets of a million ids are sorted and hashed in memory. */
export async function allowMemory(tx: Tx): Promise<void> {
  await sql`set local work_mem = '128MB'`.execute(tx);
}

/** States of a recipient that a mailing has reached, or may have reached. */
const reached = sql`(r.state in ('claimed', 'handing_over', 'sent', 'unsure') or r.sent_at is not null)`;

/**
 * Everybody of the audience with a verdict, as the table `judged` of a `with`: null for a recipient, else the first reason
 * that holds. Who is left out is left out by address, so that a list of addresses to spare spares them under any customer
 * key; an address that the AMS marks under one key is left out under every other, since one mailbox is behind it. Of one
 * address the first with a customer key is taken. Nothing in it is kept aside: idle cores take a share of a large audience.
 * Values stand in its order, where ids have decided, only so that they are made before the sort, by every core, and not
 * behind it by one. (product 2.1, 2.4, 4.2)
 * @param values what is frozen of each, as SQL over `s`
 * @param erased who of them was erased; nearly always nobody
 */
function judge(
  account: AccountId,
  mailing: MailingId,
  { to, notTo }: AudienceRules,
  values: { readonly columns: RawBuilder<unknown>; readonly source: RawBuilder<unknown> },
  erased: readonly number[] = [],
): RawBuilder<unknown> {
  const none = sql`select null::text as email_key where false`;
  const excluded =
    notTo.length === 0
      ? none
      : sql`select distinct s.email_key from subscriber s
          where s.account_id = ${account} and s.id in (${inAnyOf(account, notTo)})`;
  return sql`excluded as (${excluded}),
    earlier as (
      select distinct r.email_key from mailing_instance i
      join recipient r on r.account_id = i.account_id and r.instance_id = i.id and ${reached}
      where i.account_id = ${account} and i.mailing_id = ${mailing}),
    marked as (
      select distinct s.email_key from subscriber s where s.account_id = ${account} and s.standing = 'do_not_email'),
    met as (
      select s.id, s.remote_id is null as is_uploaded, s.email, s.email_key, ${values.columns} as "values",
        case ${erased.length > 0 ? sql`when s.id = any(${erased}::bigint[]) then 'erased'` : sql``}
          when x.email_key is not null then 'excluded_group' when s.standing <> 'sendable' then s.standing
          when k.email_key is not null then 'do_not_email'
          when e.email_key is not null then 'already_sent' end as reason
      from subscriber s ${values.source}
      left join excluded x on x.email_key = s.email_key
      left join marked k on k.email_key = s.email_key
      left join earlier e on e.email_key = s.email_key
      where s.account_id = ${account} and s.id in (${inAnyOf(account, to)})),
    judged as (
      select id, email, email_key, "values", coalesce(reason, case when row_number() over (
        partition by email_key order by reason is not null, is_uploaded, id, "values") > 1 then 'duplicate_address' end) as reason
      from met)`;
}

/** How many have a reason, or none. */
interface CountRow {
  readonly reason: ExclusionReason | null;
  readonly people: number;
}

function toCounts(rows: readonly CountRow[]): AudienceCounts {
  const found = new Map(rows.map(({ reason, people }) => [reason, people]));
  const excluded = Object.fromEntries(exclusionReasons.map((reason) => [reason, found.get(reason) ?? 0]));
  return {
    audience: rows.reduce((sum, { people }) => sum + people, 0),
    recipients: found.get(null) ?? 0,
    excluded: excluded as Record<ExclusionReason, number>,
  };
}

/** What the audience comes to now; nothing is written. */
export async function countAudience(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
  rules: AudienceRules,
): Promise<AudienceCounts> {
  await allowMemory(tx);
  const nothing = { columns: sql`null`, source: sql`` };
  const { rows } = await sql<CountRow>`with ${judge(account, mailing, rules, nothing)}
    select reason, count(*) as people from judged group by reason`.execute(tx);
  return toCounts(rows);
}

const rowsAtOnce = 10_000;

/**
 * Members of the audience who could be written to, and were erased: rows that a restored state or somebody's hand put
 * back. Nothing is read where nobody was erased. (product 2.6)
 */
export async function selectErasedMembers(
  tx: Tx,
  account: AccountId,
  { to }: AudienceRules,
  erased: Erased | null,
): Promise<readonly number[]> {
  if (erased === null || to.length === 0) return [];
  const found: number[] = [];
  await sql`declare audience_identities no scroll cursor for
    select s.id, s.email_key as "emailKey", s.remote_id as "remoteId" from subscriber s
    where s.account_id = ${account} and s.standing = 'sendable' and s.id in (${inAnyOf(account, to)})`.execute(tx);
  for (let isMore = true; isMore; ) {
    const { rows } = await sql<{ id: number; emailKey: string; remoteId: string | null }>`
      fetch ${sql.lit(rowsAtOnce)} from audience_identities`.execute(tx);
    found.push(...rows.filter(({ emailKey, remoteId }) => erased.has(emailKey, remoteId)).map(({ id }) => id));
    isMore = rows.length === rowsAtOnce;
  }
  await sql`close audience_identities`.execute(tx);
  return found;
}

/** How many members each of these groups has, a compound's computed now. */
export async function countMembers(tx: Tx, account: AccountId, rules: readonly Rule[]): Promise<readonly number[]> {
  if (rules.length === 0) return [];
  await allowMemory(tx);
  const counts = rules.map((rule) => sql`(select count(*) from (${membersOf(account, rule)}) m)`);
  const { rows } = await sql<{ counts: readonly string[] }>`select array[${sql.join(counts)}] as counts`.execute(tx);
  return rows[0]?.counts.map(Number) ?? [];
}

/** Where frozen values come from: what is kept of a person, and before it what was read for this mailing. (2.5) */
export interface FrozenValues {
  readonly fields: readonly string[];
  /** The syncs that read fields that aren't kept. */
  readonly syncs: readonly SyncId[];
}

/** What everybody has without any AMS. */
const ownColumns: Readonly<Record<string, RawBuilder<unknown>>> = { email: sql`s.email`, remote_id: sql`s.remote_id` };

function valuesOf(account: AccountId, { fields, syncs }: FrozenValues) {
  if (fields.length === 0) return { columns: sql`'{}'::jsonb`, source: sql`` };
  const isRead = syncs.length > 0;
  const found = fields.map((field) => {
    const own = ownColumns[field];
    if (own) return own;
    return isRead ? sql`coalesce(v."values" ->> ${field}, s."values" ->> ${field})` : sql`s."values" ->> ${field}`;
  });
  const source = isRead
    ? sql`left join (select distinct on (subscriber_id) subscriber_id, "values" from sync_value
        where account_id = ${account} and sync_id = any(${syncs}::uuid[]) order by subscriber_id, sync_id desc) v
        on v.subscriber_id = s.id`
    : sql``;
  // Values are texts: made at once from two lists they cost half of what they cost pair by pair.
  const columns = sql`jsonb_strip_nulls(jsonb_object(${fields}::text[], array[${sql.join(found)}]))`;
  return { columns, source };
}

/**
 * Freezes the audience: one statement judges everybody, so that no person stands between two looks at the tables; from
 * what it found recipients are written, in the order of their addresses from place 1 on, and who is left out. (product 4.2)
 *
 * Judged people lie in a table of the transaction: a statement that writes has one core, one that fills such a table may
 * have all. It is read as it was filled, since nobody else can read it.
 */
export async function freezeAudience(
  tx: Tx,
  account: AccountId,
  { id, mailingId }: { readonly id: InstanceId; readonly mailingId: MailingId },
  rules: AudienceRules,
  values: FrozenValues,
  erased: readonly number[],
): Promise<AudienceCounts> {
  await allowMemory(tx);
  await sql`create temporary table judged_people on commit drop as
    with ${judge(account, mailingId, rules, valuesOf(account, values), erased)} select * from judged order by email_key`.execute(
    tx,
  );
  const recipients =
    await sql`insert into recipient (account_id, instance_id, place, subscriber_id, email, email_key, "values")
    select ${account}::uuid, ${id}::uuid, row_number() over (), id, email, email_key, "values"
    from judged_people where reason is null`.execute(tx);
  const { rows } = await sql<CountRow>`with left_out as (
      insert into instance_exclusion (account_id, instance_id, subscriber_id, reason)
      select ${account}::uuid, ${id}::uuid, id, reason from judged_people where reason is not null returning reason)
    select reason, count(*) as people from left_out group by reason`.execute(tx);
  return toCounts([{ reason: null, people: Number(recipients.numAffectedRows ?? 0) }, ...rows]);
}

/** Takes back what an earlier build froze: nobody of it has been sent to. */
export async function deleteFrozen(tx: Tx, account: AccountId, id: InstanceId): Promise<void> {
  await sql`delete from recipient where account_id = ${account} and instance_id = ${id}`.execute(tx);
  await sql`delete from delivery_mark where account_id = ${account} and instance_id = ${id}`.execute(tx);
  await sql`delete from instance_exclusion where account_id = ${account} and instance_id = ${id}`.execute(tx);
}
