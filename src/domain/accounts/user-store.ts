import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "./account.ts";
import type { Role } from "./permissions.rules.ts";
import { emailKeyOf, type User, type UserId } from "./user.ts";

const columns = sql`id, account_id as "accountId", role, email, name, totp_sealed is not null as "hasSecondFactor",
  password_hash is not null as "hasPassword", created_at as "createdAt", signed_in_at as "signedInAt",
  disabled_at as "disabledAt"`;

export async function insertUser(tx: Tx, user: User, passwordHash: string | null): Promise<void> {
  await sql`insert into app_user (id, account_id, role, email, email_key, name, password_hash, created_at)
    values (${user.id}, ${user.accountId}, ${user.role}, ${user.email}, ${emailKeyOf(user.email)}, ${user.name},
      ${passwordHash}, ${user.createdAt})`.execute(tx);
}

export async function selectUser(tx: Tx, id: UserId): Promise<User | undefined> {
  const { rows } = await sql<User>`select ${columns} from app_user where id = ${id}`.execute(tx);
  return rows[0];
}

/** A user of the account, held for change until the transaction ends. */
export async function lockUser(tx: Tx, account: AccountId, id: UserId): Promise<User | undefined> {
  const { rows } = await sql<User>`select ${columns} from app_user
    where account_id = ${account} and id = ${id} for no key update`.execute(tx);
  return rows[0];
}

/** For sign-in: who has this address and a password, with the hash. Of the system's side alone. */
export async function selectUserByEmail(
  tx: Tx,
  email: string,
): Promise<{ readonly user: User; readonly passwordHash: string } | undefined> {
  const { rows } = await sql<User & { passwordHash: string }>`select ${columns}, password_hash as "passwordHash"
    from app_user where email_key = ${emailKeyOf(email)} and password_hash is not null`.execute(tx);
  if (!rows[0]) return undefined;
  const { passwordHash, ...user } = rows[0];
  return { user, passwordHash };
}

export async function selectPasswordHash(tx: Tx, id: UserId): Promise<string | null> {
  const { rows } = await sql<{ hash: string | null }>`
    select password_hash as hash from app_user where id = ${id}`.execute(tx);
  return rows[0]?.hash ?? null;
}

/** The account's users by name: a thousand at most that aren't disabled. */
export async function selectUsers(tx: Tx, account: AccountId): Promise<readonly User[]> {
  const { rows } = await sql<User>`
    select ${columns} from app_user where account_id = ${account} order by lower(name), id`.execute(tx);
  return rows;
}

/** For the operator: everybody, staff first. */
export async function selectEveryUser(tx: Tx): Promise<readonly User[]> {
  const { rows } = await sql<User>`
    select ${columns} from app_user order by account_id is not null, account_id, email_key`.execute(tx);
  return rows;
}

/** The account's users who are not disabled. */
export async function countUsers(tx: Tx, account: AccountId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from app_user
    where account_id = ${account} and disabled_at is null`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function isAnyUser(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ isAny: boolean }>`select exists (select from app_user) as "isAny"`.execute(tx);
  return rows[0]?.isAny === true;
}

/** Administrators who can sign in; the account's row holds two changes apart. */
export async function countAdministrators(tx: Tx, account: AccountId): Promise<number> {
  await sql`select from account where id = ${account} for no key update`.execute(tx);
  const { rows } = await sql<{ count: number }>`select count(*) as count from app_user
    where account_id = ${account} and role = 'administrator' and disabled_at is null
      and password_hash is not null`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function updateUserRole(tx: Tx, account: AccountId, id: UserId, role: Role): Promise<void> {
  await sql`update app_user set role = ${role} where account_id = ${account} and id = ${id}`.execute(tx);
}

export async function updateUserDisabled(tx: Tx, id: UserId, at: Temporal.Instant | null): Promise<void> {
  await sql`update app_user set disabled_at = ${at} where id = ${id}`.execute(tx);
}

export async function updatePasswordHash(tx: Tx, id: UserId, passwordHash: string): Promise<void> {
  await sql`update app_user set password_hash = ${passwordHash} where id = ${id}`.execute(tx);
}

export async function updateSignedInAt(tx: Tx, id: UserId, at: Temporal.Instant): Promise<void> {
  await sql`update app_user set signed_in_at = ${at} where id = ${id}`.execute(tx);
}
