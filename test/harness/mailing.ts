import { sql } from "kysely";
import type { AccountContext } from "../../src/domain/context.ts";
import type { FrozenContent, FrozenLink } from "../../src/domain/mailings/frozen-content.ts";
import type { OpenTracking } from "../../src/domain/mailings/instance.ts";
import { linksOf, type RecipientLinks, returnPathOf } from "../../src/domain/mailings/links.ts";
import type { InstanceId, MailingId } from "../../src/domain/mailings/mailing.ts";
import type { RecipientState } from "../../src/domain/mailings/recipient.ts";
import { newId } from "../../src/platform/ids.ts";

export interface InstanceOptions {
  /** How many of the account's sendable people, by id; or just these. */
  readonly to?: number | readonly number[];
  /** Of the recipients: `sent` without it. */
  readonly recipients?: RecipientState;
  readonly openTracking?: OpenTracking;
  readonly links?: readonly FrozenLink[];
}

/** An instance as publishing leaves it, made by hand: for what begins where publishing ends. */
export interface TestInstance {
  readonly id: InstanceId;
  readonly mailingId: MailingId;
  /** Recipients by place, from 1 on. */
  readonly recipients: readonly { readonly place: number; readonly subscriberId: number; readonly email: string }[];
  links(place: number): RecipientLinks;
  returnPath(place: number): string;
}

export const bounceDomain = "bounces.example.org";

const content: FrozenContent = {
  fromName: "Association of Tests",
  fromAddress: "news@example.org",
  replyTo: "",
  subject: ["News"],
  html: ["<p>News</p>"],
  text: ["News"],
  links: [],
  fields: [],
};

export async function createInstance(ctx: AccountContext, options: InstanceOptions = {}): Promise<TestInstance> {
  const { to = 3, recipients = "sent", openTracking = "off" } = options;
  const links = options.links ?? [
    { url: "https://example.org/programme?year=2030&day=1", label: "The programme" },
    { url: "https://example.org/join", label: "Join us" },
  ];
  const id = newId() as InstanceId;
  const mailingId = newId() as MailingId;
  const now = ctx.clock.now();
  const account = ctx.accountId;
  const isOver = recipients === "sent" || recipients === "bounced";
  const rows = await ctx.db.transaction(account, async (tx) => {
    await sql`insert into mailing (account_id, id, name, state, subject, created_at, created_by, updated_at, updated_by)
      values (${account}, ${mailingId}, 'News', ${isOver ? "sent" : "in_progress"}, 'News', ${now}, 'test', ${now}, 'test')`.execute(
      tx,
    );
    await sql`insert into mailing_instance (account_id, id, mailing_id, name, state, content, open_tracking, published_at,
        published_by, due_at, syncing_at, building_at, built_at, send_from, sending_at, finished_at)
      values (${account}, ${id}, ${mailingId}, 'News', ${isOver ? "sent" : "sending"},
        ${JSON.stringify({ ...content, links })}::jsonb, ${openTracking}, ${now}, 'test', ${now}, ${now}, ${now}, ${now}, ${now}, ${now},
        ${isOver ? now : null})`.execute(tx);
    for (const [place, link] of links.entries())
      await sql`insert into instance_link (account_id, instance_id, place, url, label)
        values (${account}, ${id}, ${place}, ${link.url}, ${link.label})`.execute(tx);
    const chosen = typeof to === "number" ? sql`s.standing = 'sendable'` : sql`s.id = any(${to}::bigint[])`;
    const many = typeof to === "number" ? to : to.length;
    const { rows } = await sql<TestInstance["recipients"][number]>`
      insert into recipient (account_id, instance_id, place, subscriber_id, email, email_key, state, sent_at, bounced_at,
        handed_over_at)
      select ${account}::uuid, ${id}::uuid, row_number() over (order by s.id), s.id, s.email, s.email_key, ${recipients},
        case when ${recipients} = 'sent' then ${now}::timestamptz end,
        case when ${recipients} = 'bounced' then ${now}::timestamptz end,
        case when ${recipients} in ('sent', 'unsure', 'bounced') then ${now}::timestamptz end
      from (select * from subscriber s where s.account_id = ${account} and ${chosen} order by s.id limit ${many}) s
      returning place, subscriber_id as "subscriberId", email`.execute(tx);
    await sql`update mailing_instance set audience = ${rows.length}, recipients = ${rows.length}
      where account_id = ${account} and id = ${id}`.execute(tx);
    return rows;
  });
  return {
    id,
    mailingId,
    recipients: rows.toSorted((left, right) => left.place - right.place),
    links: (place) => linksOf(ctx, { instance: id, place }),
    returnPath: (place) => returnPathOf(ctx, { instance: id, place }, bounceDomain),
  };
}
