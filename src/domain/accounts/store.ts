import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Account, AccountId, ApiKey, ApiKeyId } from "./account.ts";

const accountColumns = sql`id, name, time_zone as "timeZone", created_at as "createdAt"`;
const keyColumns = sql`id, name, hint, created_at as "createdAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

export async function insertAccount(tx: Tx, account: Account): Promise<void> {
  await sql`insert into account (id, name, time_zone, created_at)
    values (${account.id}, ${account.name}, ${account.timeZone}, ${account.createdAt})`.execute(tx);
}

export async function selectAccount(tx: Tx, id: AccountId): Promise<Account | undefined> {
  const { rows } = await sql<Account>`select ${accountColumns} from account where id = ${id}`.execute(tx);
  return rows[0];
}

/** For the operator: every account, oldest first. Thousands at most. */
export async function selectAccounts(tx: Tx): Promise<readonly Account[]> {
  const { rows } = await sql<Account>`select ${accountColumns} from account order by created_at, id`.execute(tx);
  return rows;
}

export async function insertApiKey(tx: Tx, account: AccountId, key: ApiKey, tokenHash: Buffer): Promise<void> {
  await sql`insert into api_key (account_id, id, name, token_hash, hint, created_at)
    values (${account}, ${key.id}, ${key.name}, ${tokenHash}, ${key.hint}, ${key.createdAt})`.execute(tx);
}

export async function selectApiKeys(tx: Tx, account: AccountId): Promise<readonly ApiKey[]> {
  const { rows } = await sql<ApiKey>`
    select ${keyColumns} from api_key where account_id = ${account} order by created_at, id`.execute(tx);
  return rows;
}

/** @returns false when the account has no such key, or it is revoked already */
export async function updateApiKeyRevoked(
  tx: Tx,
  account: AccountId,
  id: ApiKeyId,
  at: Temporal.Instant,
): Promise<boolean> {
  const result = await sql`update api_key set revoked_at = ${at}
    where account_id = ${account} and id = ${id} and revoked_at is null`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** Finds a live key by its digest, in whatever account it is; notes its use at most once a minute. */
export async function selectApiKeyOwner(
  tx: Tx,
  tokenHash: Buffer,
  now: Temporal.Instant,
): Promise<{ readonly accountId: AccountId; readonly id: ApiKeyId; readonly name: string } | undefined> {
  const { rows } = await sql<{ accountId: AccountId; id: ApiKeyId; name: string; isStale: boolean }>`
    select account_id as "accountId", id, name,
      last_used_at is null or last_used_at < ${now}::timestamptz - interval '1 minute' as "isStale"
    from api_key where token_hash = ${tokenHash} and revoked_at is null`.execute(tx);
  const key = rows[0];
  if (key?.isStale) {
    await sql`update api_key set last_used_at = ${now} where account_id = ${key.accountId} and id = ${key.id}`.execute(
      tx,
    );
  }
  return key;
}

export async function insertAuditEntry(
  tx: Tx,
  account: AccountId,
  entry: {
    readonly at: Temporal.Instant;
    readonly actor: string;
    readonly action: string;
    readonly subject: string;
    readonly detail: object;
  },
): Promise<void> {
  await sql`insert into audit_entry (account_id, id, at, actor, action, subject, detail)
    values (${account}, ${newId()}, ${entry.at}, ${entry.actor}, ${entry.action}, ${entry.subject},
      ${JSON.stringify(entry.detail)}::jsonb)`.execute(tx);
}
