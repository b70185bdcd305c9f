import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { UserId } from "../../accounts/user.ts";
import type { FrozenContent } from "../frozen-content.ts";
import type { OpenTracking } from "../instance.ts";
import type { Audience, InstanceId, Mailing, MailingId } from "../mailing.ts";

/** Holds a mailing's row until the transaction ends: presses of Publish, and edits, go one by one. */
export async function lockMailing(tx: Tx, account: AccountId, id: MailingId): Promise<void> {
  await sql`select 1 from mailing where account_id = ${account} and id = ${id} for no key update`.execute(tx);
}

/** The instance that is under way, if one is. `mailing_instance_one_open` serves it, and is the wall behind. */
export async function selectOpenInstance(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
): Promise<InstanceId | undefined> {
  const { rows } = await sql<{ id: InstanceId }>`select id from mailing_instance
    where account_id = ${account} and mailing_id = ${mailing} and state not in ('sent', 'cancelled')`.execute(tx);
  return rows[0]?.id;
}

/** What a press with this key began, if there was one. `mailing_instance_by_key` serves it. */
export async function selectByKey(
  tx: Tx,
  account: AccountId,
  mailing: MailingId,
  key: string,
): Promise<{ readonly id: InstanceId; readonly request: string } | undefined> {
  const { rows } = await sql<{ id: InstanceId; request: string }>`
    select id, idempotency_request #>> '{}' as request from mailing_instance
    where account_id = ${account} and mailing_id = ${mailing} and idempotency_key = ${key}`.execute(tx);
  return rows[0];
}

export async function selectOpenTracking(tx: Tx, account: AccountId): Promise<OpenTracking> {
  const { rows } = await sql<{ tracking: OpenTracking }>`
    select open_tracking as tracking from account where id = ${account}`.execute(tx);
  return rows[0]?.tracking ?? "off";
}

export interface NewInstance {
  readonly id: InstanceId;
  readonly mailing: Mailing;
  readonly content: FrozenContent;
  readonly openTracking: OpenTracking;
  readonly ownerId: UserId | null;
  readonly publishedAt: Temporal.Instant;
  readonly publishedBy: string;
  readonly dueAt: Temporal.Instant;
  readonly isGrowthConfirmed: boolean;
  readonly confirmedRecipients: number | null;
  /** The caller's key and what it came with. */
  readonly key: { readonly name: string; readonly request: string } | null;
}

/** An instance that waits for its time, with its groups and links; its mailing is scheduled from here on. */
export async function insertInstance(tx: Tx, account: AccountId, instance: NewInstance): Promise<void> {
  const { id, mailing, content } = instance;
  await sql`insert into mailing_instance (account_id, id, mailing_id, name, state, content, open_tracking, owner_id,
      published_at, published_by, due_at, is_growth_confirmed, confirmed_recipients,
      idempotency_key, idempotency_request, opt_out_category)
    values (${account}, ${id}, ${mailing.id}, ${mailing.name}, 'scheduled', ${JSON.stringify(content)}::jsonb,
      ${instance.openTracking}, ${instance.ownerId}, ${instance.publishedAt}, ${instance.publishedBy}, ${instance.dueAt},
      ${instance.isGrowthConfirmed}, ${instance.confirmedRecipients},
      ${instance.key?.name ?? null}, to_jsonb(${instance.key?.request ?? null}::text),
      (select c.name from opt_out_category c where c.account_id = ${account} and c.id = ${mailing.optOutCategoryId}::uuid))`.execute(
    tx,
  );
  await sql`insert into instance_group (account_id, instance_id, group_id, side)
    select ${account}::uuid, ${id}::uuid, g, 'to' from unnest(${mailing.audience.to}::uuid[]) g
    union all select ${account}::uuid, ${id}::uuid, g, 'not_to' from unnest(${mailing.audience.notTo}::uuid[]) g`.execute(
    tx,
  );
  await sql`insert into instance_link (account_id, instance_id, place, url, label)
    select ${account}::uuid, ${id}::uuid, ordinality - 1, link ->> 'url', coalesce(link ->> 'label', '')
    from jsonb_array_elements(${JSON.stringify(content.links)}::jsonb) with ordinality as l(link, ordinality)`.execute(
    tx,
  );
  await sql`update mailing set state = 'scheduled' where account_id = ${account} and id = ${mailing.id}`.execute(tx);
}

/** The groups that an instance goes to, and those it leaves out. */
export async function selectInstanceAudience(tx: Tx, account: AccountId, id: InstanceId): Promise<Audience> {
  const { rows } = await sql<Audience>`
    select coalesce(array_agg(group_id::text order by group_id) filter (where side = 'to'), '{}') as to,
      coalesce(array_agg(group_id::text order by group_id) filter (where side = 'not_to'), '{}') as "notTo"
    from instance_group where account_id = ${account} and instance_id = ${id}`.execute(tx);
  return rows[0] ?? { to: [], notTo: [] };
}
