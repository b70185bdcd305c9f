import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { UserId } from "../accounts/user.ts";
import type { Way } from "./choices.rules.ts";
import type { NoticeType } from "./event.rules.ts";
import type { Notice } from "./notice.rules.ts";

/** What a user has chosen themselves. */
export async function selectChosen(tx: Tx, account: AccountId, user: UserId): Promise<ReadonlyMap<string, Way>> {
  const { rows } = await sql<{ type: string; way: Way }>`
    select type, way from notice_choice where account_id = ${account} and user_id = ${user}`.execute(tx);
  return new Map(rows.map(({ type, way }) => [type, way]));
}

export async function upsertChosen(
  tx: Tx,
  account: AccountId,
  user: UserId,
  chosen: readonly (readonly [NoticeType, Way])[],
): Promise<void> {
  await sql`insert into notice_choice (account_id, user_id, type, way)
    select ${account}::uuid, ${user}::uuid, c.type, c.way
    from unnest(${chosen.map(([type]) => type)}::text[], ${chosen.map(([, way]) => way)}::text[]) as c (type, way)
    on conflict (account_id, type, user_id) do update set way = excluded.way`.execute(tx);
}

/**
 * Users who are told of a type at once, and can sign in: who chose so and, where that is what administrators are told,
 * those of them who chose nothing.
 */
export function usersToTell(account: AccountId, type: NoticeType, administratorsWay: Way): RawBuilder<{ id: UserId }> {
  const chosen = sql<{ id: UserId }>`
    select u.id from notice_choice c join app_user u on u.account_id = c.account_id and u.id = c.user_id
    where c.account_id = ${account} and c.type = ${type} and c.way = 'at_once'
      and u.disabled_at is null and u.password_hash is not null`;
  if (administratorsWay !== "at_once") return chosen;
  return sql`${chosen} union all
    select u.id from app_user u where u.account_id = ${account} and u.role = 'administrator'
      and u.disabled_at is null and u.password_hash is not null
      and not exists (select from notice_choice c
        where c.account_id = u.account_id and c.type = ${type} and c.user_id = u.id)`;
}

export async function insertNotices(
  tx: Tx,
  account: AccountId,
  users: readonly UserId[],
  notices: readonly Notice[],
  at: Temporal.Instant,
): Promise<void> {
  await sql`insert into notice (account_id, user_id, type, at, text, path, count)
    select ${account}::uuid, u.id, n.type, ${at}::timestamptz, n.text, n.path, n.count
    from unnest(${users}::uuid[]) as u (id), jsonb_to_recordset(${JSON.stringify(notices)}::jsonb)
      as n (type text, text text, path text, count int)`.execute(tx);
}

/** Somebody for whom notices wait. */
export interface Collected {
  readonly accountId: AccountId;
  readonly userId: UserId;
  readonly firstAt: Temporal.Instant;
  readonly lastMailAt: Temporal.Instant | null;
}

/** For whom notices wait, over all accounts that aren't suspended. */
export async function selectCollected(tx: Tx): Promise<readonly Collected[]> {
  const { rows } = await sql<Collected>`
    select n.account_id as "accountId", n.user_id as "userId", min(n.at) as "firstAt",
      (select max(m.created_at) from notice_mail m
        where m.account_id = n.account_id and m.user_id = n.user_id and m.kind = 'notices') as "lastMailAt"
    from notice n join account a on a.id = n.account_id and a.suspended_at is null
    group by n.account_id, n.user_id`.execute(tx);
  return rows;
}

/** Takes what was collected for a user: of two who try at once, one gets it all. The oldest first. */
export async function takeNotices(tx: Tx, account: AccountId, user: UserId): Promise<readonly Notice[]> {
  const { rows } = await sql<Notice>`
    with taken as (
      delete from notice where account_id = ${account} and user_id = ${user} returning id, type, text, path, count)
    select type, text, path, count from taken order by id`.execute(tx);
  return rows;
}
