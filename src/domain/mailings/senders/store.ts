import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { DomainKey, Finding, SendingDomain, SendingDomainId } from "./sending-domain.ts";

interface Row extends Omit<SendingDomain, "key" | "nextKey" | "findings">, DomainKey {
  readonly nextSelector: string | null;
  readonly nextPublicKey: string | null;
  readonly findings: readonly Finding[] | null;
}

const columns = sql`id, name, selector, public_key as "publicKey", next_selector as "nextSelector",
  next_public_key as "nextPublicKey", created_at as "createdAt", created_by as "createdBy",
  checked_at as "checkedAt", findings, version`;

function toDomain({ selector, publicKey, nextSelector, nextPublicKey, findings, ...rest }: Row): SendingDomain {
  return {
    ...rest,
    key: { selector, publicKey },
    nextKey: nextSelector && nextPublicKey ? { selector: nextSelector, publicKey: nextPublicKey } : null,
    findings: findings ?? [],
  };
}

/** By name; an account has a handful. */
export async function selectDomains(tx: Tx, account: AccountId): Promise<readonly SendingDomain[]> {
  const { rows } = await sql<Row>`select ${columns} from sending_domain
    where account_id = ${account} order by name limit 200`.execute(tx);
  return rows.map(toDomain);
}

export async function selectDomain(
  tx: Tx,
  account: AccountId,
  id: SendingDomainId,
): Promise<SendingDomain | undefined> {
  const { rows } = await sql<Row>`select ${columns} from sending_domain
    where account_id = ${account} and id = ${id}`.execute(tx);
  return rows[0] && toDomain(rows[0]);
}

/** The longest of these names that is registered: a subdomain of its own goes before its parent. */
export async function selectDomainOf(
  tx: Tx,
  account: AccountId,
  names: readonly string[],
): Promise<(SendingDomain & { readonly privateKeySealed: Buffer }) | undefined> {
  const { rows } = await sql<Row & { privateKeySealed: Buffer }>`
    select ${columns}, private_key_sealed as "privateKeySealed" from sending_domain
    where account_id = ${account} and name = any(${names}::text[]) order by length(name) desc limit 1`.execute(tx);
  const [row] = rows;
  return row && { ...toDomain(row), privateKeySealed: row.privateKeySealed };
}

/** A key with its private half sealed. */
export interface SealedKey extends DomainKey {
  readonly privateKeySealed: Buffer;
}

/** @returns false when the account has this domain already */
export async function insertDomain(
  tx: Tx,
  account: AccountId,
  domain: Pick<SendingDomain, "id" | "name" | "createdAt" | "createdBy">,
  key: SealedKey,
): Promise<boolean> {
  const result = await sql`
    insert into sending_domain (account_id, id, name, selector, private_key_sealed, public_key, created_at, created_by)
    values (${account}, ${domain.id}, ${domain.name}, ${key.selector}, ${key.privateKeySealed}, ${key.publicKey},
      ${domain.createdAt}, ${domain.createdBy})
    on conflict (account_id, name) do nothing`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** Lets a key wait beside the one that signs, or lets none wait. */
export async function updateNextKey(
  tx: Tx,
  account: AccountId,
  id: SendingDomainId,
  key: SealedKey | null,
): Promise<void> {
  await sql`update sending_domain set next_selector = ${key?.selector ?? null},
    next_private_key_sealed = ${key?.privateKeySealed ?? null}, next_public_key = ${key?.publicKey ?? null},
    version = version + 1 where account_id = ${account} and id = ${id}`.execute(tx);
}

/** The key that waits signs from now on. @returns false when another key waits by now, or none */
export async function promoteNextKey(
  tx: Tx,
  account: AccountId,
  id: SendingDomainId,
  selector: string,
): Promise<boolean> {
  const result = await sql`update sending_domain set selector = next_selector,
    private_key_sealed = next_private_key_sealed, public_key = next_public_key, next_selector = null,
    next_private_key_sealed = null, next_public_key = null, version = version + 1
    where account_id = ${account} and id = ${id} and next_selector = ${selector}`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** What DNS said about the keys of this version: one that was replaced meanwhile is looked at again. */
export async function updateFindings(
  tx: Tx,
  account: AccountId,
  domain: Pick<SendingDomain, "id" | "version">,
  findings: readonly Finding[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`update sending_domain set findings = ${JSON.stringify(findings)}::jsonb, checked_at = ${now}
    where account_id = ${account} and id = ${domain.id} and version = ${domain.version}`.execute(tx);
}

/** @returns its name, or undefined when there is none */
export async function deleteDomain(tx: Tx, account: AccountId, id: SendingDomainId): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`delete from sending_domain
    where account_id = ${account} and id = ${id} returning name`.execute(tx);
  return rows[0]?.name;
}
