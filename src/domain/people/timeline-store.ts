import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { InstanceId } from "../mailings/mailing.ts";
import { recipientsOf } from "../mailings/recipients-of.ts";
import type { SyncId, Trigger } from "../syncs/sync.ts";
import type { GroupId } from "../target-groups/target-group.ts";

/** What a person's timeline tells of, as far as it is filtered by it. */
export const timelineSubjects = ["groups", "mailings", "status", "writebacks"] as const;
export type TimelineSubject = (typeof timelineSubjects)[number];

export const personEventKinds = [
  "created",
  "joined",
  "left",
  "sent",
  "not_sent",
  "left_out",
  "bounced",
  "refused",
  "unsure",
  "opened",
  "clicked",
  "unsubscribed_by_mailing",
  "complained",
  "unsubscribed",
  "resubscribed",
  "bad_email",
  "bad_email_lifted",
  "writeback",
] as const;

/** Something that happened to a person. What a kind has nothing to say of is null. */
export interface PersonEvent {
  readonly kind: (typeof personEventKinds)[number];
  readonly at: Temporal.Instant;
  readonly groupId: GroupId | null;
  readonly groupName: string | null;
  readonly syncId: SyncId | null;
  readonly trigger: Trigger | null;
  readonly instanceId: InstanceId | null;
  readonly instanceName: string | null;
  /** Who said no, or took it back: the person, an administrator, a complaint. */
  readonly origin: string | null;
  /** Who or what caused it. */
  readonly requestedBy: string | null;
  /** Why, as far as somebody said so: a note, a server's words, a reason for leaving out, the link that was clicked. */
  readonly reason: string | null;
  /** Of a writeback: its type and state. */
  readonly writebackType: string | null;
  readonly writebackState: string | null;
  /** Where one page ends and the next begins, among events of one instant. */
  readonly key: string;
}

export interface TimelinePage {
  readonly subjects?: readonly TimelineSubject[] | undefined;
  readonly limit: number;
  readonly after?: { readonly at: string; readonly key: string } | undefined;
}

type Whom = { readonly account: AccountId; readonly id: number };

/** Columns of the story that a kind has nothing to say of. */
const noGroup = sql`null::uuid as group_id, null::uuid as sync_id`;
const noInstance = sql`null::uuid as instance_id`;
const nobody = sql`null::text as origin, null::text as by`;
const noWriteback = sql`null::text as writeback_type, null::text as writeback_state`;

/** `membership_of_subscriber` finds them. */
const groups = ({ account, id }: Whom) => sql`
  select m.kind, s.finished_at as at, m.group_id, m.sync_id, ${noInstance}, null::text as origin, s.requested_by as by,
    null::text as reason, ${noWriteback}, m.kind || m.group_id || m.sync_id as key
  from (
    select 'joined' as kind, group_id, added_by as sync_id from membership where account_id = ${account} and subscriber_id = ${id}
    union all
    select 'left', group_id, removed_by from membership
    where account_id = ${account} and subscriber_id = ${id} and removed_by is not null) m
  join sync s on s.account_id = ${account} and s.id = m.sync_id
  union all
  select 'created', created_at, ${noGroup}, ${noInstance}, ${nobody}, null, ${noWriteback}, 'created'
  from subscriber where account_id = ${account} and id = ${id}`;

/** Every change that was made here; of a row written before changes were recorded, what stands on it. */
const status = ({ account, id }: Whom) => sql`
  select w.kind, w.at, ${noGroup}, ${noInstance}, w.origin, w.by, w.reason, ${noWriteback}, 'status' || w.id as key
  from wish_change w where w.account_id = ${account} and w.subscriber_id = ${id}
  union all
  select x.kind, x.at, ${noGroup}, ${noInstance}, x.origin, null, x.reason, ${noWriteback}, x.kind
  from subscriber p cross join lateral (values
    ('unsubscribed', p.unsubscribed_at, p.unsubscribe_origin, p.unsubscribe_reason), ('bad_email', p.bad_email_at, null, null))
    x(kind, at, origin, reason)
  where p.account_id = ${account} and p.id = ${id} and x.at is not null and not exists (
    select from wish_change w where w.account_id = p.account_id and w.subscriber_id = p.id and w.kind = x.kind and w.at = x.at)`;

/**
 * `recipient_once` finds the person's mailings, `mailing_activity_of_recipient` each one's clicks,
 * `instance_exclusion_of_subscriber` those that left them out. Who opened is known only where opens are tracked by person.
 */
const mailings = ({ account, id }: Whom) => sql`
  select x.kind, x.at, ${noGroup}, r.instance_id, ${nobody}, x.reason, ${noWriteback}, x.kind || r.instance_id as key
  from ${recipientsOf(account, [id])}
  cross join lateral (values
    ('sent', r.sent_at, null),
    ('not_sent', case when r.state in ('waiting', 'claimed', 'handing_over', 'deferred', 'cancelled') then coalesce(r.claimed_at, i.built_at, i.published_at) end,
      case when r.state = 'cancelled' then coalesce(r.reply, 'The mailing was cancelled before it was sent') else r.reply end),
    ('refused', case when r.state = 'refused' then coalesce(r.bounced_at, r.answered_at, i.sending_at) end, coalesce(r.bounce_reason, r.reply)),
    ('bounced', case when r.state = 'bounced' then r.bounced_at end, coalesce(r.bounce_reason, r.reply)),
    ('unsure', case when r.state = 'unsure' then coalesce(r.handed_over_at, i.sending_at) end, null),
    ('opened', case when i.open_tracking = 'person' then r.opened_at end, null),
    ('unsubscribed_by_mailing', r.unsubscribed_at, null),
    ('complained', r.complained_at, null)) x(kind, at, reason)
  where x.at is not null
  union all
  select 'clicked', a.at, ${noGroup}, r.instance_id, ${nobody}, coalesce(nullif(l.label, ''), l.url), ${noWriteback}, 'clicked' || a.id
  from ${recipientsOf(account, [id])}
  join mailing_activity a on a.account_id = r.account_id and a.instance_id = r.instance_id and a.place = r.place
    and a.kind = 'click' and not a.is_automatic
  left join instance_link l on l.account_id = a.account_id and l.instance_id = a.instance_id and l.place = a.link
  union all
  select 'left_out', coalesce(i.built_at, i.published_at), ${noGroup}, x.instance_id, ${nobody}, x.reason, ${noWriteback},
    'left_out' || x.instance_id
  from instance_exclusion x join mailing_instance i on i.account_id = x.account_id and i.id = x.instance_id
  where x.account_id = ${account} and x.subscriber_id = ${id}`;

/** Each once, as it stands: when it ended, or when it was decided. `writeback_of_subscriber` finds them. */
const writebacks = ({ account, id }: Whom) => sql`
  select 'writeback' as kind, coalesce(w.ended_at, w.decided_at) as at, ${noGroup}, ${noInstance}, ${nobody},
    coalesce(w.error_message, w.reason) as reason, w.type as writeback_type, w.state as writeback_state, 'writeback' || w.id as key
  from writeback w where w.account_id = ${account} and w.subscriber_id = ${id}`;

const branches: Readonly<Record<TimelineSubject, (whom: Whom) => RawBuilder<unknown>>> = {
  groups,
  mailings,
  status,
  writebacks,
};

/**
 * One page of a person's story, the latest first. Everything is found by the person, by an index of each table, so that a
 * page costs what the person's own rows cost: of somebody with 10,000 events a page takes 80 ms.
 */
export async function selectTimeline(
  tx: Tx,
  account: AccountId,
  id: number,
  page: TimelinePage,
): Promise<readonly PersonEvent[]> {
  return (await timelineQuery(account, id, page).execute(tx)).rows;
}

export function timelineQuery(
  account: AccountId,
  id: number,
  { subjects = timelineSubjects, limit, after }: TimelinePage,
): RawBuilder<PersonEvent> {
  const parts = subjects.map((subject) => branches[subject]({ account, id }));
  return sql<PersonEvent>`
    with page as (
      select * from (${sql.join(parts, sql` union all `)}) story
      where at is not null ${after ? sql`and (at, key collate "C") < (${after.at}::timestamptz, ${after.key} collate "C")` : sql``}
      order by at desc, key collate "C" desc limit ${limit})
    select p.kind, p.at, p.group_id as "groupId", g.name as "groupName", p.sync_id as "syncId", s.trigger,
      p.instance_id as "instanceId", i.name as "instanceName", p.origin, p.by as "requestedBy", p.reason,
      p.writeback_type as "writebackType", p.writeback_state as "writebackState", p.key
    from page p
    left join target_group g on g.account_id = ${account} and g.id = p.group_id
    left join sync s on s.account_id = ${account} and s.id = p.sync_id
    left join mailing_instance i on i.account_id = ${account} and i.id = p.instance_id
    order by p.at desc, p.key collate "C" desc`;
}
