import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Account, AccountId, ApiKey, ApiKeyId } from "./account.ts";
import type { Role } from "./permissions.rules.ts";

const accountColumns = sql`id, name, time_zone as "timeZone", created_at as "createdAt", locale,
  requires_second_factor as "requiresSecondFactor", sender_name as "senderName", sender_address as "senderAddress",
  postal_address as "postalAddress", open_tracking as "openTracking", values_kept_days as "valuesKeptDays",
  mailing_detail_kept_days as "mailingDetailKeptDays", sync_detail_kept_days as "syncDetailKeptDays",
  uploads_kept_days as "uploadsKeptDays",
  digest_hour as "digestHour",
  suspended_at as "suspendedAt", version`;
const keyColumns = sql`id, name, hint, role, created_at as "createdAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

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
  await sql`insert into api_key (account_id, id, name, token_hash, hint, role, created_at)
    values (${account}, ${key.id}, ${key.name}, ${tokenHash}, ${key.hint}, ${key.role}, ${key.createdAt})`.execute(tx);
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

export interface ApiKeyOwner {
  readonly id: ApiKeyId;
  readonly name: string;
  readonly role: Role;
  readonly accountId: AccountId;
  readonly isSuspended: boolean;
}

/** Finds a live key by its digest, in whatever account it is; notes its use at most once a minute. */
export async function selectApiKeyOwner(
  tx: Tx,
  tokenHash: Buffer,
  now: Temporal.Instant,
): Promise<ApiKeyOwner | undefined> {
  const { rows } = await sql<ApiKeyOwner & { isStale: boolean }>`
    select k.account_id as "accountId", k.id, k.name, k.role, a.suspended_at is not null as "isSuspended",
      k.last_used_at is null or k.last_used_at < ${now}::timestamptz - interval '1 minute' as "isStale"
    from api_key k join account a on a.id = k.account_id
    where k.token_hash = ${tokenHash} and k.revoked_at is null`.execute(tx);
  const key = rows[0];
  if (key?.isStale) {
    await sql`update api_key set last_used_at = ${now} where account_id = ${key.accountId} and id = ${key.id}`.execute(
      tx,
    );
  }
  return key;
}

/** What a person may change of an account. */
export type AccountValues = Pick<
  Account,
  | "name"
  | "timeZone"
  | "locale"
  | "requiresSecondFactor"
  | "senderName"
  | "senderAddress"
  | "postalAddress"
  | "openTracking"
  | "valuesKeptDays"
  | "mailingDetailKeptDays"
  | "syncDetailKeptDays"
  | "uploadsKeptDays"
  | "digestHour"
>;

/** @returns false when it has another version by now */
export async function updateAccount(tx: Tx, id: AccountId, version: number, values: AccountValues): Promise<boolean> {
  const result = await sql`update account set name = ${values.name}, time_zone = ${values.timeZone},
      locale = ${values.locale}, requires_second_factor = ${values.requiresSecondFactor},
      sender_name = ${values.senderName}, sender_address = ${values.senderAddress}, postal_address = ${values.postalAddress},
      open_tracking = ${values.openTracking}, values_kept_days = ${values.valuesKeptDays},
      mailing_detail_kept_days = ${values.mailingDetailKeptDays}, sync_detail_kept_days = ${values.syncDetailKeptDays},
      uploads_kept_days = ${values.uploadsKeptDays}, digest_hour = ${values.digestHour},
      version = version + 1
    where id = ${id} and version = ${version}`.execute(tx);
  return result.numAffectedRows === 1n;
}

export async function updateAccountSuspended(tx: Tx, id: AccountId, at: Temporal.Instant | null): Promise<void> {
  await sql`update account set suspended_at = ${at} where id = ${id}`.execute(tx);
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

export interface AuditEntry {
  readonly id: string;
  readonly at: Temporal.Instant;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditFilter {
  readonly action?: string | undefined;
  /** Part of the actor's name. */
  readonly actor?: string | undefined;
  readonly from?: Temporal.Instant | undefined;
  readonly to?: Temporal.Instant | undefined;
  readonly after?: { readonly at: string; readonly id: string } | undefined;
  readonly limit: number;
}

/** The latest first, by `audit_entry_latest`. */
export async function selectAuditEntries(
  tx: Tx,
  account: AccountId,
  filter: AuditFilter,
): Promise<readonly AuditEntry[]> {
  const { action, actor, from, to, after } = filter;
  const { rows } = await sql<AuditEntry>`select id, at, actor, action, subject, detail from audit_entry
    where account_id = ${account}
      ${action === undefined ? sql`` : sql`and action = ${action}`}
      ${actor === undefined ? sql`` : sql`and strpos(lower(actor), lower(${actor})) > 0`}
      ${from === undefined ? sql`` : sql`and at >= ${from}`}
      ${to === undefined ? sql`` : sql`and at < ${to}`}
      ${after === undefined ? sql`` : sql`and (at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`}
    order by at desc, id desc limit ${filter.limit}`.execute(tx);
  return rows;
}
