import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { Identity } from "../../platform/openid.ts";
import type { AccountId } from "./account.ts";
import type { UserId } from "./user.ts";

/** An account's own way to sign in. The client secret is write-only. */
export interface SignInProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** The account's users can't sign in by a password of ours. */
  readonly isOnlyWay: boolean;
  /** Ours is not asked for as well. */
  readonly doesSecondFactor: boolean;
  readonly version: number;
}

export async function selectProvider(
  tx: Tx,
  account: AccountId,
): Promise<(SignInProvider & { readonly clientSecretSealed: Buffer }) | undefined> {
  const { rows } = await sql<SignInProvider & { clientSecretSealed: Buffer }>`
    select issuer, client_id as "clientId", client_secret_sealed as "clientSecretSealed", is_only_way as "isOnlyWay",
      does_second_factor as "doesSecondFactor", version
    from sign_in_provider where account_id = ${account}`.execute(tx);
  return rows[0];
}

/** @returns false when another version is stored by now */
export async function upsertProvider(
  tx: Tx,
  account: AccountId,
  provider: Omit<SignInProvider, "version">,
  sealed: Buffer,
  version: number | undefined,
  now: Temporal.Instant,
): Promise<boolean> {
  const result = await sql`
    insert into sign_in_provider (account_id, issuer, client_id, client_secret_sealed, is_only_way, does_second_factor, updated_at)
    values (${account}, ${provider.issuer}, ${provider.clientId}, ${sealed}, ${provider.isOnlyWay}, ${provider.doesSecondFactor}, ${now})
    on conflict (account_id) do update set issuer = excluded.issuer, client_id = excluded.client_id,
      client_secret_sealed = excluded.client_secret_sealed, is_only_way = excluded.is_only_way,
      does_second_factor = excluded.does_second_factor, updated_at = excluded.updated_at, version = sign_in_provider.version + 1
    where sign_in_provider.version = ${version ?? null}`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** The people's identities there stay: who signs in again after a mistake is who they were. */
export async function deleteProvider(tx: Tx, account: AccountId): Promise<boolean> {
  const result = await sql`delete from sign_in_provider where account_id = ${account}`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** Whether some administrator has signed in by this provider: then nobody is locked out by it. */
export async function hasProvenAdministrator(tx: Tx, account: AccountId, issuer: string): Promise<boolean> {
  const { rows } = await sql<{ isProven: boolean }>`select exists (
    select from user_identity i join app_user u on u.id = i.user_id
    where i.account_id = ${account} and i.issuer = ${issuer} and u.role = 'administrator' and u.disabled_at is null) as "isProven"`.execute(
    tx,
  );
  return rows[0]?.isProven ?? false;
}

/** Whose identity this is, if somebody of the account has come by it before. */
export async function selectUserOfIdentity(tx: Tx, account: AccountId, who: Identity): Promise<UserId | undefined> {
  const { rows } = await sql<{ userId: UserId }>`select user_id as "userId" from user_identity
    where account_id = ${account} and issuer = ${who.issuer} and subject = ${who.subject}`.execute(tx);
  return rows[0]?.userId;
}

/** The user of the account with this address, unless another identity of the same provider is theirs already. */
export async function selectUnlinkedUser(
  tx: Tx,
  account: AccountId,
  emailKey: string,
  issuer: string,
): Promise<UserId | undefined> {
  const { rows } = await sql<{ id: UserId }>`select id from app_user u
    where account_id = ${account} and email_key = ${emailKey}
      and not exists (select from user_identity i where i.user_id = u.id and i.issuer = ${issuer})`.execute(tx);
  return rows[0]?.id;
}

export async function insertIdentity(tx: Tx, account: AccountId, user: UserId, who: Identity): Promise<void> {
  await sql`insert into user_identity (account_id, user_id, issuer, subject)
    values (${account}, ${user}, ${who.issuer}, ${who.subject})`.execute(tx);
}
