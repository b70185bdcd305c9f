import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceState } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import type { ExclusionReason, RecipientState } from "../recipient.ts";
import { recipientsOf } from "../recipients-of.ts";
import type { Counted } from "./count-store.ts";

export const answers = [
  "waiting",
  "delivered",
  "bounced",
  "refused",
  "unsure",
  "opened",
  "clicked",
  "unsubscribed",
  "complained",
] as const;
/** What recipients are looked for by in a report. */
export type Answer = (typeof answers)[number];

/** What one recipient got and did. */
export interface AnsweringRecipient {
  readonly place: number;
  readonly subscriberId: number;
  readonly email: string;
  readonly state: RecipientState;
  readonly sentAt: Temporal.Instant | null;
  readonly bouncedAt: Temporal.Instant | null;
  readonly bounceKind: string | null;
  /** Why it bounced or was refused, as the server said. */
  readonly reason: string | null;
  /** Null unless opens are tracked by person. */
  readonly openedAt: Temporal.Instant | null;
  readonly clickedAt: Temporal.Instant | null;
  readonly unsubscribedAt: Temporal.Instant | null;
  readonly complainedAt: Temporal.Instant | null;
}

export interface AnswerFilter {
  readonly answer?: Answer | undefined;
  /** The beginning of an address, in the form that addresses are compared in. */
  readonly search?: string | undefined;
  readonly limit: number;
  /** The place to go on behind. */
  readonly after?: number | undefined;
}

const unsent = ["waiting", "claimed", "handing_over", "deferred"];

/** `recipient_by_state`, `recipient_responded` and `recipient_gone` find them in the order of their places. */
const conditions: Readonly<Record<Answer, RawBuilder<unknown>>> = {
  waiting: sql`r.state = any(${unsent}::text[])`,
  delivered: sql`r.state = 'sent'`,
  bounced: sql`r.state = 'bounced'`,
  refused: sql`r.state = 'refused'`,
  unsure: sql`r.state = 'unsure'`,
  opened: sql`r.opened_at is not null`,
  clicked: sql`r.clicked_at is not null`,
  unsubscribed: sql`r.unsubscribed_at is not null`,
  complained: sql`r.complained_at is not null`,
};

/** Who opened is known only where opens are tracked by person. */
const openedAt = (isKnown: RawBuilder<unknown>) => sql`case when ${isKnown} then r.opened_at end as "openedAt"`;

export async function selectAnswering(
  tx: Tx,
  account: AccountId,
  instance: Counted,
  { answer, search, limit, after = 0 }: AnswerFilter,
): Promise<readonly AnsweringRecipient[]> {
  const own = sql`r.account_id = ${account} and r.instance_id = ${instance.id} and r.place > ${after}
    ${search ? sql`and r.email_key >= ${search} and r.email_key < ${`${search}\u{10FFFF}`}` : sql``}`;
  // The first of each state, found by its index: in the order of places a million who have been sent to come before.
  const from =
    answer === "waiting"
      ? sql`unnest(${unsent}::text[]) u(state) cross join lateral (
          select r.* from recipient r where ${own} and r.state = u.state order by r.place limit ${limit}) r`
      : sql`recipient r`;
  const { rows } = await sql<AnsweringRecipient>`
    select r.place, r.subscriber_id as "subscriberId", r.email, r.state, r.sent_at as "sentAt", r.bounced_at as "bouncedAt",
      r.bounce_kind as "bounceKind",
      case when r.state in ('bounced', 'refused') then coalesce(r.bounce_reason, r.reply) end as reason,
      ${openedAt(sql`${instance.openTracking === "person"}::boolean`)}, r.clicked_at as "clickedAt",
      r.unsubscribed_at as "unsubscribedAt", r.complained_at as "complainedAt"
    from ${from} where ${own}
      ${answer ? sql`and ${conditions[answer]}` : sql``}
      ${answer === "opened" && instance.openTracking !== "person" ? sql`and false` : sql``}
    order by r.place limit ${limit}`.execute(tx);
  return rows;
}

/** Everybody left out, in the order of reasons. `instance_exclusion_by_reason` serves it. */
export async function selectAllLeftOut(
  tx: Tx,
  account: AccountId,
  id: InstanceId,
  limit: number,
  after: { readonly reason: ExclusionReason; readonly subscriberId: number } | undefined,
) {
  interface Row {
    readonly subscriberId: number;
    readonly email: string;
    readonly remoteId: string | null;
    readonly reason: ExclusionReason;
  }
  const { rows } = await sql<Row>`
    select x.subscriber_id as "subscriberId", s.email, s.remote_id as "remoteId", x.reason from instance_exclusion x
    join subscriber s on s.account_id = x.account_id and s.id = x.subscriber_id
    where x.account_id = ${account} and x.instance_id = ${id}
      ${after ? sql`and (x.reason, x.subscriber_id) > (${after.reason}, ${after.subscriberId})` : sql``}
    order by x.reason, x.subscriber_id limit ${limit}`.execute(tx);
  return rows;
}

/** A mailing that one person got, and what they did with it. */
export interface PersonMailing extends Omit<AnsweringRecipient, "place" | "subscriberId" | "email"> {
  readonly instanceId: InstanceId;
  readonly name: string;
  readonly instanceState: InstanceState;
  readonly sendingAt: Temporal.Instant | null;
  /** What they clicked, each link once. */
  readonly links: readonly string[];
}

/** One page of a person's mailings, the latest first: ids of instances grow with time. */
export async function selectPersonMailings(
  tx: Tx,
  account: AccountId,
  person: number,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<readonly PersonMailing[]> {
  const { rows } = await sql<PersonMailing>`
    select i.id as "instanceId", i.name, i.state as "instanceState", i.sending_at as "sendingAt", r.state,
      r.sent_at as "sentAt", r.bounced_at as "bouncedAt", r.bounce_kind as "bounceKind",
      case when r.state in ('bounced', 'refused') then coalesce(r.bounce_reason, r.reply) end as reason,
      ${openedAt(sql`i.open_tracking = 'person'`)}, r.clicked_at as "clickedAt", r.unsubscribed_at as "unsubscribedAt",
      r.complained_at as "complainedAt",
      array(select coalesce(nullif(l.label, ''), l.url) from instance_link l where l.account_id = r.account_id
        and l.instance_id = r.instance_id and l.place in (select a.link from mailing_activity a
          where a.account_id = r.account_id and a.instance_id = r.instance_id and a.place = r.place and a.kind = 'click'
            and not a.is_automatic) order by l.place limit 10) as links
    from ${recipientsOf(account, [person])}
    ${after ? sql`where i.id < ${after}::uuid` : sql``}
    order by i.id desc limit ${limit}`.execute(tx);
  return rows;
}
