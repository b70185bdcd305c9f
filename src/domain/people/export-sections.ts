import { type RawBuilder, sql } from "kysely";
import type { AccountId } from "../accounts/account.ts";
import { recipientsOf } from "../mailings/recipients-of.ts";
import type { PersonEntries } from "../subscribers/erase-entries.ts";

/** Whose data: the person's rows, and in which account. */
export interface Whom extends PersonEntries {
  readonly account: AccountId;
}

/** A part of what is kept of a person, as the file shows it. */
export interface Section {
  /** In the JSON file. */
  readonly name: string;
  /** In the page for people. */
  readonly title: string;
  /** Fields of a row, in order, each with its heading. */
  readonly columns: Readonly<Record<string, string>>;
  /** Rows with a `key` that orders them. */
  query(whom: Whom): RawBuilder<unknown>;
}

const ids = ({ entries }: Whom) => sql`any(${entries.map(({ id }) => id)}::bigint[])`;
const ofPerson = (whom: Whom, alias: string) =>
  sql`${sql.ref(`${alias}.account_id`)} = ${whom.account} and ${sql.ref(`${alias}.subscriber_id`)} = ${ids(whom)}`;
/** With `r` the person's part in a mailing, and `i` the mailing. */
const mailingsTo = ({ account, entries }: Whom) =>
  recipientsOf(
    account,
    entries.map(({ id }) => id),
  );
/** Texts that name the person, in lower case. */
export const namesOf = ({ entries }: PersonEntries) => [
  ...new Set(entries.flatMap(({ email, emailKey }) => [email.toLowerCase(), emailKey])),
];

/** All that is kept of a person. A table that comes to hold anything of people has its section here. (product 2.6) */
export const sections: readonly Section[] = [
  {
    name: "subscribers",
    title: "Who you are here",
    columns: {
      email: "E-mail address",
      customerKey: "Customer key",
      values: "Values",
      standing: "Standing",
      doNotEmail: "Do not e-mail (netFORUM Pro)",
      unsubscribedAt: "Unsubscribed",
      unsubscribeOrigin: "By",
      unsubscribeReason: "Reason",
      badEmailAt: "Bad e-mail since",
      softBounces: "Soft bounces in a row",
      createdAt: "Came",
      updatedAt: "Changed",
    },
    query: (
      whom,
    ) => sql`select lpad(s.id::text, 20, '0') as key, s.email, s.remote_id as "customerKey", s."values", s.standing,
        s.do_not_email as "doNotEmail", s.unsubscribed_at as "unsubscribedAt", s.unsubscribe_origin as "unsubscribeOrigin",
        s.unsubscribe_reason as "unsubscribeReason", s.bad_email_at as "badEmailAt", s.soft_bounces as "softBounces",
        s.created_at as "createdAt", s.updated_at as "updatedAt"
      from subscriber s where s.account_id = ${whom.account} and s.id = ${ids(whom)}`,
  },
  {
    name: "groups",
    title: "Target groups you are or were in",
    columns: { group: "Target group", since: "Since", until: "Until" },
    query: (
      whom,
    ) => sql`select m.added_by || ' ' || m.group_id || ' ' || m.subscriber_id as key, g.name as "group", a.finished_at as since,
        r.finished_at as until
      from membership m join target_group g on g.account_id = m.account_id and g.id = m.group_id
      left join sync a on a.account_id = m.account_id and a.id = m.added_by
      left join sync r on r.account_id = m.account_id and r.id = m.removed_by
      where ${ofPerson(whom, "m")}`,
  },
  {
    name: "wishes",
    title: "Whether you may be written to: every change",
    columns: { at: "When", change: "Change", origin: "Origin", reason: "Reason", by: "By" },
    query: (whom) => sql`select lpad(w.id::text, 20, '0') as key, w.at, w.kind as change, w.origin, w.reason, w.by
      from wish_change w where ${ofPerson(whom, "w")}`,
  },
  {
    name: "writebacks",
    title: "What was told to netFORUM Pro",
    columns: {
      decidedAt: "Decided",
      type: "Type",
      state: "State",
      endedAt: "Ended",
      customerKey: "Customer key",
      email: "E-mail address",
      reason: "Reason",
    },
    query: (whom) => sql`select lpad(w.id::text, 20, '0') as key, w.decided_at as "decidedAt", w.type, w.state,
        w.ended_at as "endedAt", w.remote_id as "customerKey", w.email, w.reason
      from writeback w where w.account_id = ${whom.account}
        and (w.subscriber_id = ${ids(whom)} or w.remote_id = ${whom.remoteId}::text)`,
  },
  {
    name: "mailings",
    title: "Mailings to you",
    columns: {
      mailing: "Mailing",
      email: "To",
      state: "State",
      sentAt: "Sent",
      values: "Values it was filled with",
      answer: "What the server said",
      bouncedAt: "Bounced",
      bounceReason: "Why",
      openedAt: "Opened",
      clickedAt: "Clicked",
      unsubscribedAt: "Unsubscribed",
      complainedAt: "Complained",
    },
    query: (
      whom,
    ) => sql`select r.instance_id || ' ' || lpad(r.place::text, 10, '0') as key, i.name as mailing, r.email, r.state,
        r.sent_at as "sentAt", r."values", r.reply as answer, r.bounced_at as "bouncedAt", r.bounce_reason as "bounceReason",
        r.opened_at as "openedAt", r.clicked_at as "clickedAt", r.unsubscribed_at as "unsubscribedAt",
        r.complained_at as "complainedAt"
      from ${mailingsTo(whom)}`,
  },
  {
    name: "activity",
    title: "What you did with mailings",
    columns: {
      at: "When",
      mailing: "Mailing",
      kind: "What",
      link: "Link",
      isAutomatic: "By a program",
      detail: "Detail",
    },
    query: (whom) => sql`select lpad(a.id::text, 20, '0') as key, a.at, i.name as mailing, a.kind, l.url as link,
        a.is_automatic as "isAutomatic", a.detail
      from ${mailingsTo(whom)}
      join mailing_activity a on a.account_id = r.account_id and a.instance_id = r.instance_id and a.place = r.place
      left join instance_link l on l.account_id = a.account_id and l.instance_id = a.instance_id and l.place = a.link`,
  },
  {
    name: "leftOut",
    title: "Mailings that left you out",
    columns: { mailing: "Mailing", at: "When", reason: "Why" },
    query: (
      whom,
    ) => sql`select x.instance_id || ' ' || x.subscriber_id as key, i.name as mailing, i.built_at as at, x.reason
      from instance_exclusion x join mailing_instance i on i.account_id = x.account_id and i.id = x.instance_id
      where ${ofPerson(whom, "x")}`,
  },
  {
    name: "rowsSetAside",
    title: "Rows about you that could not be used",
    columns: {
      group: "Target group",
      email: "Address in the row",
      customerKey: "Customer key or line",
      reason: "Why",
      since: "Since",
      until: "Until",
    },
    query: (
      whom,
    ) => sql`select r.fingerprint || ' ' || r.group_id || ' ' || r.added_by as key, g.name as "group", r.email,
        r.remote_id as "customerKey", r.reason, a.finished_at as since, e.finished_at as until
      from rejected_row r join target_group g on g.account_id = r.account_id and g.id = r.group_id
      left join sync a on a.account_id = r.account_id and a.id = r.added_by
      left join sync e on e.account_id = r.account_id and e.id = r.removed_by
      where r.account_id = ${whom.account} and (r.remote_id = ${whom.remoteId}::text
        or exists (select from unnest(${namesOf(whom)}::text[]) n where strpos(lower(r.email), n) > 0))`,
  },
  {
    name: "valuesForMailings",
    title: "Values read for a mailing that waits",
    columns: { values: "Values" },
    query: (whom) =>
      sql`select v.sync_id || ' ' || v.subscriber_id as key, v."values" from sync_value v where ${ofPerson(whom, "v")}`,
  },
  {
    name: "auditLog",
    title: "What people did about you",
    columns: { at: "When", by: "Who", action: "What", subject: "About", detail: "Detail" },
    query: (whom) => sql`select a.id::text as key, a.at, a.actor as by, a.action, a.subject, a.detail from audit_entry a
      where a.account_id = ${whom.account} and a.action not like 'user.%' and a.action not like 'account.%'
        and exists (select from unnest(${namesOf(whom)}::text[]) n
          where strpos(lower(a.subject), n) > 0 or strpos(lower(a.detail::text), n) > 0)`,
  },
];
