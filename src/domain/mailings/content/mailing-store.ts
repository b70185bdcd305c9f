import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { GroupId } from "../../target-groups/target-group.ts";
import type { Audience, Mailing, MailingId } from "../mailing.ts";

const columns = sql`m.id, m.is_template as "isTemplate", m.name, m.state, m.from_name as "fromName",
  m.from_address as "fromAddress", m.reply_to as "replyTo", m.subject, m.preheader, m.body_kind as "bodyKind", m.body,
  m.text_part as "textPart", m.opt_out_category_id as "optOutCategoryId", m.owner_id as "ownerId", m.created_at as "createdAt", m.created_by as "createdBy",
  m.updated_at as "updatedAt", m.updated_by as "updatedBy", m.archived_at as "archivedAt", m.version`;

/** The groups of one side, in the order of their names. */
export const side = (name: "to" | "not_to"): RawBuilder<readonly GroupId[]> => sql`array(
  select mg.group_id::text from mailing_group mg
  join target_group g on g.account_id = mg.account_id and g.id = mg.group_id
  where mg.account_id = m.account_id and mg.mailing_id = m.id and mg.side = ${name} order by lower(g.name), g.id)`;

type Row = Omit<Mailing, "audience"> & Audience;

function toMailing({ to, notTo, ...mailing }: Row): Mailing {
  return { ...mailing, audience: { to, notTo } };
}

export async function selectMailing(tx: Tx, account: AccountId, id: MailingId): Promise<Mailing | undefined> {
  const { rows } = await sql<Row>`select ${columns}, ${side("to")} as "to", ${side("not_to")} as "notTo"
    from mailing m where m.account_id = ${account} and m.id = ${id}`.execute(tx);
  return rows[0] && toMailing(rows[0]);
}

/** The same, held for change: publishing, changing and deleting it wait for each other. */
export async function lockMailing(tx: Tx, account: AccountId, id: MailingId): Promise<Mailing | undefined> {
  await sql`select 1 from mailing where account_id = ${account} and id = ${id} for no key update`.execute(tx);
  return selectMailing(tx, account, id);
}

export async function insertMailing(tx: Tx, account: AccountId, mailing: Mailing): Promise<void> {
  await sql`insert into mailing (account_id, id, is_template, name, from_name, from_address, reply_to, subject, preheader,
      body_kind, body, text_part, opt_out_category_id, owner_id, created_at, created_by, updated_at, updated_by)
    values (${account}, ${mailing.id}, ${mailing.isTemplate}, ${mailing.name}, ${mailing.fromName},
      ${mailing.fromAddress}, ${mailing.replyTo}, ${mailing.subject}, ${mailing.preheader}, ${mailing.bodyKind},
      ${mailing.body}, ${mailing.textPart}, ${mailing.optOutCategoryId}, ${mailing.ownerId}, ${mailing.createdAt}, ${mailing.createdBy},
      ${mailing.updatedAt}, ${mailing.updatedBy})`.execute(tx);
  await replaceAudience(tx, account, mailing.id, mailing.audience);
}

/** What is written in it; who it is from and what it says. Whoever holds it (`lockMailing`) writes it. */
export async function updateMailing(tx: Tx, account: AccountId, mailing: Mailing): Promise<void> {
  await sql`update mailing set name = ${mailing.name}, from_name = ${mailing.fromName},
      from_address = ${mailing.fromAddress}, reply_to = ${mailing.replyTo}, subject = ${mailing.subject},
      preheader = ${mailing.preheader}, body_kind = ${mailing.bodyKind}, body = ${mailing.body},
      text_part = ${mailing.textPart}, opt_out_category_id = ${mailing.optOutCategoryId}, updated_at = ${mailing.updatedAt}, updated_by = ${mailing.updatedBy},
      version = version + 1
    where account_id = ${account} and id = ${mailing.id}`.execute(tx);
}

export async function updateMailingArchived(
  tx: Tx,
  account: AccountId,
  id: MailingId,
  at: Temporal.Instant | null,
): Promise<void> {
  await sql`update mailing set archived_at = ${at}, version = version + 1
    where account_id = ${account} and id = ${id}`.execute(tx);
}

export async function deleteMailingRow(tx: Tx, account: AccountId, id: MailingId): Promise<void> {
  await sql`delete from mailing where account_id = ${account} and id = ${id}`.execute(tx);
}

/** How often it was published, however that ended. */
export async function countInstances(tx: Tx, account: AccountId, id: MailingId): Promise<number> {
  const { rows } = await sql<{ instances: number }>`select count(*) as instances from mailing_instance
    where account_id = ${account} and mailing_id = ${id}`.execute(tx);
  return rows[0]?.instances ?? 0;
}

export async function replaceAudience(tx: Tx, account: AccountId, id: MailingId, audience: Audience): Promise<void> {
  await sql`delete from mailing_group where account_id = ${account} and mailing_id = ${id}`.execute(tx);
  await sql`insert into mailing_group (account_id, mailing_id, group_id, side)
    select ${account}::uuid, ${id}::uuid, x.id, 'to' from unnest(${audience.to}::uuid[]) as x(id)
    union all
    select ${account}::uuid, ${id}::uuid, x.id, 'not_to' from unnest(${audience.notTo}::uuid[]) as x(id)`.execute(tx);
}
