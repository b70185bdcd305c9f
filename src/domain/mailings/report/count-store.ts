import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { OpenTracking } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import type { Bucket, DomainCounts, LinkCounts, PeopleCounts, Totals } from "./report.ts";

/** What is counted: an instance as its report needs it. */
export interface Counted {
  readonly id: InstanceId;
  readonly openTracking: OpenTracking;
}

/** What of recipients `r` is counted everywhere. */
export const peopleColumns = ({ openTracking }: Counted): RawBuilder<unknown> => sql`count(*) as recipients,
  count(*) filter (where r.state = 'sent') as delivered, count(*) filter (where r.state = 'bounced') as bounced,
  ${openTracking === "person" ? sql`count(r.opened_at)` : sql`null::bigint`} as opened, count(r.clicked_at) as clicked,
  count(r.unsubscribed_at) as unsubscribed, count(r.complained_at) as complained`;

const bounceKinds = ["hard", "soft", "policy", "content"] as const;

/** One pass over the recipients, and one over what came back. */
export async function countTotals(tx: Tx, account: AccountId, instance: Counted): Promise<Totals> {
  const { rows } = await sql<PeopleCounts & Record<string, number>>`select ${peopleColumns(instance)},
      count(*) filter (where r.state in ('waiting', 'claimed', 'handing_over', 'deferred')) as waiting,
      count(*) filter (where r.state = 'refused') as refused, count(*) filter (where r.state = 'unsure') as unsure,
      count(*) filter (where r.state = 'cancelled') as cancelled,
      ${sql.join(
        bounceKinds.map(
          (kind) => sql`count(*) filter (where r.state = 'bounced' and r.bounce_kind = ${kind}) as ${sql.ref(kind)}`,
        ),
      )}
    from recipient r where r.account_id = ${account} and r.instance_id = ${instance.id}`.execute(tx);
  const { hard = 0, soft = 0, policy = 0, content = 0, ...people } = rows[0] ?? ({} as (typeof rows)[number]);
  const known = people as unknown as Omit<Totals, "bouncedBy" | "opens" | "clicks" | "automatic">;
  const unknown = known.bounced - hard - soft - policy - content;
  const { opens, clicks, ...automatic } = await countActivity(tx, account, instance.id);
  return {
    ...known,
    bouncedBy: { hard, soft, policy, content, unknown },
    opens: instance.openTracking === "off" ? null : opens,
    clicks,
    automatic: { opens: automatic.automaticOpens, clicks: automatic.automaticClicks },
  };
}

async function countActivity(tx: Tx, account: AccountId, id: InstanceId) {
  type Row = Record<"opens" | "clicks" | "automaticOpens" | "automaticClicks", number>;
  const { rows } = await sql<Row>`
    select count(*) filter (where kind = 'open' and not is_automatic) as opens,
      count(*) filter (where kind = 'click' and not is_automatic) as clicks,
      count(*) filter (where kind = 'open' and is_automatic) as "automaticOpens",
      count(*) filter (where kind = 'click' and is_automatic) as "automaticClicks"
    from mailing_activity where account_id = ${account} and instance_id = ${id} and kind in ('open', 'click')`.execute(
    tx,
  );
  return rows[0] ?? { opens: 0, clicks: 0, automaticOpens: 0, automaticClicks: 0 };
}

/** How far a line over time goes: what comes later is in the totals alone. */
const spans = { hour: { length: "72 hours", step: "15 minutes" }, day: { length: "60 days", step: "12 hours" } };

/**
 * Opens and clicks in each hour or day of the account's zone, empty ones too, from the first mail on. Steps that are
 * shorter than any hour or day of any zone find all of them over a change of clocks, an hour that comes twice as two.
 */
export async function countOverTime(
  tx: Tx,
  account: AccountId,
  id: InstanceId,
  by: "hour" | "day",
  zone: string,
): Promise<readonly Bucket[]> {
  const { length, step } = spans[by];
  const { rows } = await sql<Omit<Bucket, "at"> & { at: Temporal.Instant }>`
    with span as (
      select i.sending_at as first, least(i.sending_at + ${length}::interval, max(a.at)) as last
      from mailing_instance i join mailing_activity a on a.account_id = i.account_id and a.instance_id = i.id
        and a.kind in ('open', 'click')
      where i.account_id = ${account} and i.id = ${id} group by i.sending_at),
    bucket as (
      select distinct date_trunc(${by}, t, ${zone}) as at from span, generate_series(first, last, ${step}::interval) t
      union select date_trunc(${by}, last, ${zone}) from span),
    counted as (
      select date_trunc(${by}, a.at, ${zone}) as at, count(*) filter (where a.kind = 'open' and not a.is_automatic) as opens,
        count(*) filter (where a.kind = 'click' and not a.is_automatic) as clicks, count(*) filter (where a.is_automatic) as automatic
      from mailing_activity a where a.account_id = ${account} and a.instance_id = ${id} and a.kind in ('open', 'click')
      group by 1)
    select b.at, coalesce(c.opens, 0) as opens, coalesce(c.clicks, 0) as clicks, coalesce(c.automatic, 0) as automatic
    from bucket b left join counted c on c.at = b.at order by b.at`.execute(tx);
  return rows.map((row) => ({ ...row, at: row.at.toString() }));
}

/** Every link, those that most people clicked first. */
export async function countLinks(tx: Tx, account: AccountId, id: InstanceId): Promise<readonly LinkCounts[]> {
  const { rows } = await sql<LinkCounts>`
    with counted as (
      select link, count(*) filter (where not is_automatic) as clicks,
        count(distinct place) filter (where not is_automatic) as people, count(*) filter (where is_automatic) as automatic
      from mailing_activity where account_id = ${account} and instance_id = ${id} and kind = 'click' group by link)
    select l.place, l.url, l.label, coalesce(c.clicks, 0) as clicks, coalesce(c.people, 0) as people,
      coalesce(c.automatic, 0) as automatic
    from instance_link l left join counted c on c.link = l.place
    where l.account_id = ${account} and l.instance_id = ${id} order by people desc, clicks desc, l.place`.execute(tx);
  return rows;
}

const domainsShown = 20;

/** The domains with most recipients; all others together come last. */
export async function countDomains(tx: Tx, account: AccountId, instance: Counted): Promise<readonly DomainCounts[]> {
  const { rows } = await sql<DomainCounts>`
    with counted as (
      select split_part(r.email_key, '@', -1) as domain, ${peopleColumns(instance)} from recipient r
      where r.account_id = ${account} and r.instance_id = ${instance.id} group by 1),
    ranked as (select *, row_number() over (order by recipients desc, domain) > ${domainsShown} as is_other from counted)
    select case when is_other then null else domain end as domain, sum(recipients)::bigint as recipients,
      sum(delivered)::bigint as delivered, sum(bounced)::bigint as bounced, sum(opened)::bigint as opened,
      sum(clicked)::bigint as clicked, sum(unsubscribed)::bigint as unsubscribed, sum(complained)::bigint as complained
    from ranked group by 1, is_other order by is_other, recipients desc, domain`.execute(tx);
  return rows;
}

/** What became of those recipients who were members. @param members ids of people, as SQL */
export async function countMembers(
  tx: Tx,
  account: AccountId,
  instance: Counted,
  members: RawBuilder<unknown>,
): Promise<PeopleCounts> {
  const { rows } = await sql<PeopleCounts>`select ${peopleColumns(instance)} from recipient r
    where r.account_id = ${account} and r.instance_id = ${instance.id} and r.subscriber_id in (${members})`.execute(tx);
  const nobody = { recipients: 0, delivered: 0, bounced: 0, opened: null, clicked: 0, unsubscribed: 0, complained: 0 };
  return rows[0] ?? nobody;
}
