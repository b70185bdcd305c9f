import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { OpenTracking } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import type { RecipientRef, RecipientState } from "../recipient.ts";
import type { Click } from "./machine-signs.rules.ts";

/** What the links of an instance lead to: frozen when it was published. */
export interface KnownInstance {
  readonly accountId: AccountId;
  readonly openTracking: OpenTracking;
  /** By place. */
  readonly links: readonly string[];
}

/** Across accounts: a link names an instance, and its signature was checked. */
export async function selectKnownInstance(tx: Tx, id: InstanceId): Promise<KnownInstance | undefined> {
  const { rows } = await sql<KnownInstance>`
    select i.account_id as "accountId", i.open_tracking as "openTracking",
      coalesce(array(select l.url from instance_link l where l.account_id = i.account_id and l.instance_id = i.id
        order by l.place), '{}') as links
    from mailing_instance i where i.id = ${id}`.execute(tx);
  return rows[0];
}

export interface VisitedRecipient extends RecipientRef {
  readonly state: RecipientState;
  readonly sentAt: Temporal.Instant | null;
  /** Of the last seconds. */
  readonly clicks: readonly (Click & { readonly id: number })[];
}

/** Recipients with their latest clicks, locked in one order: what several processes take in at once is judged in turn. */
export async function lockVisited(
  tx: Tx,
  account: AccountId,
  refs: readonly RecipientRef[],
  clicksFrom: Temporal.Instant,
): Promise<readonly VisitedRecipient[]> {
  type Row = Omit<VisitedRecipient, "clicks"> & {
    readonly clicks: readonly { id: number; link: number; at: string }[];
  };
  const { rows } = await sql<Row>`
    with visited as materialized (
      select r.instance_id, r.place, r.state, r.sent_at from recipient r
      where r.account_id = ${account} and (r.instance_id, r.place) in (
        select * from unnest(${refs.map(({ instance }) => instance)}::uuid[], ${refs.map(({ place }) => place)}::int[]))
      order by r.instance_id, r.place for no key update)
    select v.instance_id as instance, v.place, v.state, v.sent_at as "sentAt", coalesce((
      select jsonb_agg(jsonb_build_object('id', a.id, 'link', a.link, 'at', a.at)) from mailing_activity a
      where a.account_id = ${account} and a.instance_id = v.instance_id and a.place = v.place and a.kind = 'click'
        and a.at >= ${clicksFrom}), '[]') as clicks
    from visited v`.execute(tx);
  return rows.map((row) => ({
    ...row,
    clicks: row.clicks.map((click) => ({ ...click, at: Temporal.Instant.from(click.at) })),
  }));
}

/** One line of what came back. */
export interface Activity {
  readonly instance: InstanceId;
  /** Null where nobody shall be told apart. */
  readonly place: number | null;
  readonly kind: "open" | "click" | "unsubscribe" | "resubscribe" | "complaint" | "bounce";
  readonly at: Temporal.Instant;
  readonly link: number | null;
  readonly isAutomatic: boolean;
  readonly detail: string | null;
}

/** One statement for all of them. */
export async function insertActivities(tx: Tx, account: AccountId, activities: readonly Activity[]): Promise<void> {
  const column = <Name extends keyof Activity>(name: Name) => activities.map((activity) => activity[name]);
  await sql`
    insert into mailing_activity (account_id, instance_id, place, kind, at, link, is_automatic, detail)
    select ${account}::uuid, * from unnest(${column("instance")}::uuid[], ${column("place")}::int[], ${column("kind")}::text[],
      ${column("at").map(String)}::timestamptz[], ${column("link")}::int[], ${column("isAutomatic")}::boolean[],
      ${column("detail")}::text[])`.execute(tx);
}

/** Clicks that turn out to be part of a burst; whether a person ever clicked is looked at anew. */
export async function updateClicksAutomatic(tx: Tx, account: AccountId, ids: readonly number[]): Promise<void> {
  await sql`
    with turned as (
      update mailing_activity a set is_automatic = true
      where a.account_id = ${account} and a.id = any(${ids}::bigint[]) returning a.instance_id, a.place, a.id)
    update recipient r set clicked_at = (
      select min(a.at) from mailing_activity a
      where a.account_id = ${account} and a.instance_id = r.instance_id and a.place = r.place and a.kind = 'click'
        and not a.is_automatic and a.id not in (select id from turned))
    where r.account_id = ${account} and (r.instance_id, r.place) in (select instance_id, place from turned)`.execute(
    tx,
  );
}

/** What somebody did with the mail, as far as it wasn't a program: the first of each stays. */
export interface Evidence extends RecipientRef {
  readonly openedAt: Temporal.Instant | null;
  readonly clickedAt: Temporal.Instant | null;
}

/** Notes the first of each; whoever has the mail in hand was sent it: that resolves *unsure*. (product 4.4) */
export async function updateVisited(tx: Tx, account: AccountId, evidence: readonly Evidence[]): Promise<void> {
  await sql`
    update recipient r set opened_at = coalesce(r.opened_at, e.opened_at), clicked_at = coalesce(r.clicked_at, e.clicked_at),
      state = case when r.state = 'unsure' then 'sent' else r.state end,
      sent_at = case when r.state = 'unsure' then r.handed_over_at else r.sent_at end
    from unnest(${evidence.map(({ instance }) => instance)}::uuid[], ${evidence.map(({ place }) => place)}::int[],
      ${evidence.map(({ openedAt }) => openedAt?.toString() ?? null)}::timestamptz[],
      ${evidence.map(({ clickedAt }) => clickedAt?.toString() ?? null)}::timestamptz[]) e(instance_id, place, opened_at, clicked_at)
    where r.account_id = ${account} and r.instance_id = e.instance_id and r.place = e.place
      and (r.state = 'unsure' or r.opened_at is null and e.opened_at is not null
        or r.clicked_at is null and e.clicked_at is not null)`.execute(tx);
}
