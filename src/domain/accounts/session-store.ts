import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { User, UserId, UserSession, UserSessionId } from "./user.ts";

const columns = sql`s.id, s.state, s.entered_account_id as "enteredAccountId",
  s.is_second_factor_done as "isSecondFactorDone", s.created_at as "createdAt",
  s.used_at as "usedAt"`;

export async function insertSession(
  tx: Tx,
  user: User,
  session: UserSession,
  tokenHash: Buffer,
  device: string,
): Promise<void> {
  await sql`insert into user_session (id, account_id, user_id, token_hash, state, is_second_factor_done, created_at, used_at, device)
    values (${session.id}, ${user.accountId}, ${user.id}, ${tokenHash}, ${session.state}, ${session.isSecondFactorDone},
      ${session.createdAt},
      ${session.usedAt}, ${device})`.execute(tx);
}

/** A session with what its browser says it is. */
export type SessionOfDevice = UserSession & { readonly device: string };

/** The user's sessions, the last used first. */
export async function selectSessionsOf(tx: Tx, user: UserId): Promise<readonly SessionOfDevice[]> {
  const { rows } = await sql<SessionOfDevice>`select ${columns}, s.device from user_session s
    where s.user_id = ${user} order by s.used_at desc, s.id limit 500`.execute(tx);
  return rows;
}

/** Whether the session is there still, as it was, of a user who is not disabled and an account that is not suspended. */
export async function selectSessionStanding(tx: Tx, session: UserSession): Promise<UserSession | undefined> {
  const { rows } = await sql<UserSession>`select ${columns} from user_session s
    join app_user u on u.id = s.user_id left join account a on a.id = s.account_id
    where s.id = ${session.id} and u.disabled_at is null and a.suspended_at is null
      and s.entered_account_id is not distinct from ${session.enteredAccountId}::uuid`.execute(tx);
  return rows[0];
}

/** @returns false when it is not the user's, or has ended already */
export async function deleteSessionOf(tx: Tx, user: UserId, id: UserSessionId): Promise<boolean> {
  const result = await sql`delete from user_session where user_id = ${user} and id = ${id}`.execute(tx);
  return result.numAffectedRows === 1n;
}

export async function selectSession(
  tx: Tx,
  tokenHash: Buffer,
): Promise<{ readonly session: UserSession; readonly userId: UserId } | undefined> {
  const { rows } = await sql<UserSession & { userId: UserId }>`select ${columns}, s.user_id as "userId"
    from user_session s join app_user u on u.id = s.user_id
    where s.token_hash = ${tokenHash} and u.disabled_at is null`.execute(tx);
  if (!rows[0]) return undefined;
  const { userId, ...session } = rows[0];
  return { session, userId };
}

export async function updateSessionUsed(tx: Tx, id: UserSessionId, at: Temporal.Instant): Promise<void> {
  await sql`update user_session set used_at = ${at} where id = ${id}`.execute(tx);
}

/** A change of rights: the token is new, so that who had the old one has nothing. */
export async function renewSession(
  tx: Tx,
  session: Pick<UserSession, "id" | "state" | "enteredAccountId">,
  tokenHash: Buffer,
): Promise<void> {
  await sql`update user_session set token_hash = ${tokenHash}, state = ${session.state},
    entered_account_id = ${session.enteredAccountId} where id = ${session.id}`.execute(tx);
}

/** The second factor was right: the session begins. */
export async function updateSessionSignedIn(
  tx: Tx,
  id: UserSessionId,
  tokenHash: Buffer,
  now: Temporal.Instant,
): Promise<void> {
  await sql`update user_session set token_hash = ${tokenHash}, state = 'signed_in', created_at = ${now}, used_at = ${now}
    where id = ${id}`.execute(tx);
}

export async function deleteSession(tx: Tx, id: UserSessionId): Promise<void> {
  await sql`delete from user_session where id = ${id}`.execute(tx);
}

/** @param but stays, if given */
export async function deleteSessionsOf(tx: Tx, user: UserId, but: UserSessionId | null = null): Promise<void> {
  await sql`delete from user_session where user_id = ${user} and id is distinct from ${but}::uuid`.execute(tx);
}

/** Sessions and links that nobody can use any more. */
export async function deleteExpired(tx: Tx, sessionsBefore: Temporal.Instant, now: Temporal.Instant): Promise<void> {
  await sql`delete from user_session where created_at < ${sessionsBefore}`.execute(tx);
  await sql`delete from password_link where expires_at <= ${now}`.execute(tx);
  await sql`delete from throttle.failure where last_at < ${now}::timestamptz - interval '1 day'`.execute(tx);
}

export type LinkPurpose = "reset" | "invitation";

/** A new link ends the user's earlier ones. */
export async function insertPasswordLink(
  tx: Tx,
  user: Pick<User, "id" | "accountId">,
  link: { readonly purpose: LinkPurpose; readonly tokenHash: Buffer; readonly expiresAt: Temporal.Instant },
): Promise<void> {
  await deletePasswordLinks(tx, user.id);
  await sql`insert into password_link (account_id, user_id, token_hash, purpose, expires_at)
    values (${user.accountId}, ${user.id}, ${link.tokenHash}, ${link.purpose}, ${link.expiresAt})`.execute(tx);
}

/** Whose link this is; spent by being found, if the transaction commits. */
export async function takePasswordLink(
  tx: Tx,
  tokenHash: Buffer,
  now: Temporal.Instant,
): Promise<{ readonly userId: UserId; readonly purpose: LinkPurpose } | undefined> {
  const { rows } = await sql<{ userId: UserId; purpose: LinkPurpose }>`delete from password_link
    where token_hash = ${tokenHash} and expires_at > ${now} returning user_id as "userId", purpose`.execute(tx);
  return rows[0];
}

export async function deletePasswordLinks(tx: Tx, user: UserId): Promise<void> {
  await sql`delete from password_link where user_id = ${user}`.execute(tx);
}
