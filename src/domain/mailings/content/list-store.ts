import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import { escapeLike } from "../../../platform/database/like.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { InstanceState } from "../instance.ts";
import type { Audience, InstanceId, Mailing, MailingState } from "../mailing.ts";
import { side } from "./mailing-store.ts";

/** A mailing as a list shows it: without what is written, with its latest instance. */
export interface MailingLine
  extends Pick<
    Mailing,
    | "id"
    | "isTemplate"
    | "name"
    | "state"
    | "subject"
    | "bodyKind"
    | "ownerId"
    | "createdAt"
    | "updatedAt"
    | "updatedBy"
    | "archivedAt"
    | "version"
  > {
  readonly audience: Audience;
  readonly latest: LatestInstance | null;
}

/** What became of a mailing when it was last published. */
export interface LatestInstance {
  readonly id: InstanceId;
  readonly state: InstanceState;
  readonly publishedAt: Temporal.Instant;
  readonly dueAt: Temporal.Instant;
  readonly finishedAt: Temporal.Instant | null;
  readonly recipients: number;
  readonly holdMessage: string | null;
}

export interface MailingFilter {
  readonly state?: MailingState | undefined;
  readonly isTemplate: boolean;
  readonly isArchived: boolean;
  /** Part of the name or the subject, in any case. */
  readonly search?: string | undefined;
  readonly limit: number;
  /** Instant and id of the last one of the page before. */
  readonly after?: { readonly at: string; readonly id: string } | undefined;
}

type Row = Omit<MailingLine, "audience" | "latest"> &
  Audience & { [Name in keyof LatestInstance as `latest_${Name}`]: LatestInstance[Name] | null };

/**
 * One page, the last changed first: `mailing_latest` has it in this order, `mailing_by_state` one state's. The latest
 * instance of each is one step down `mailing_instance_of_mailing`.
 */
export async function selectMailingPage(
  tx: Tx,
  account: AccountId,
  filter: MailingFilter,
): Promise<readonly MailingLine[]> {
  const { state, isTemplate, isArchived, search, after } = filter;
  const sought = search ? `%${escapeLike(search.toLowerCase())}%` : null;
  // Written out: a plan may use the index of what isn't a template only where it can see that it isn't.
  const kind = isTemplate ? sql`m.is_template` : sql`not m.is_template`;
  const { rows } = await sql<Row>`
    select m.id, m.is_template as "isTemplate", m.name, m.state, m.subject, m.body_kind as "bodyKind",
      m.owner_id as "ownerId", m.created_at as "createdAt", m.updated_at as "updatedAt", m.updated_by as "updatedBy",
      m.archived_at as "archivedAt", m.version, ${side("to")} as "to", ${side("not_to")} as "notTo",
      i.id as "latest_id", i.state as "latest_state", i.published_at as "latest_publishedAt",
      i.due_at as "latest_dueAt", i.finished_at as "latest_finishedAt", i.recipients as "latest_recipients",
      i.hold_message as "latest_holdMessage"
    from mailing m
    left join lateral (
      select * from mailing_instance i where i.account_id = m.account_id and i.mailing_id = m.id
      order by i.published_at desc, i.id desc limit 1
    ) i on true
    where m.account_id = ${account} and ${kind} and (m.archived_at is not null) = ${isArchived}
      ${state === undefined ? sql`` : sql`and m.state = ${state}`}
      ${sought === null ? sql`` : sql`and (lower(m.name collate "und-x-icu") like ${sought} or lower(m.subject collate "und-x-icu") like ${sought})`}
      ${after ? sql`and (m.updated_at, m.id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by m.updated_at desc, m.id desc limit ${filter.limit}`.execute(tx);
  return rows.map(toLine);
}

function toLine(row: Row): MailingLine {
  const { to, notTo, latest_id, latest_state, latest_publishedAt, latest_dueAt, ...more } = row;
  const { latest_finishedAt, latest_recipients, latest_holdMessage, ...mailing } = more;
  const isPublished = latest_id && latest_state && latest_publishedAt && latest_dueAt;
  const latest = isPublished && {
    id: latest_id,
    state: latest_state,
    publishedAt: latest_publishedAt,
    dueAt: latest_dueAt,
    finishedAt: latest_finishedAt,
    recipients: latest_recipients ?? 0,
    holdMessage: latest_holdMessage,
  };
  return { ...mailing, audience: { to, notTo }, latest: latest || null };
}

/** How many there are in each state, archived ones and templates left out: a list's headings say it. */
export async function countMailings(tx: Tx, account: AccountId): Promise<ReadonlyMap<MailingState, number>> {
  const { rows } = await sql<{ state: MailingState; mailings: number }>`
    select state, count(*) as mailings from mailing
    where account_id = ${account} and not is_template and archived_at is null group by state`.execute(tx);
  return new Map(rows.map(({ state, mailings }) => [state, mailings]));
}
