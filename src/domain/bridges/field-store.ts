import { sql } from "kysely";
import type { FieldName, PersonalizationField } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { BridgeId } from "./bridge.ts";

/** A personalization field and what an administrator made of it. (product 2.5) */
export interface Field {
  readonly name: FieldName;
  readonly dataType: string;
  readonly displayName: string;
  readonly defaultValue: string;
  readonly comment: string;
  readonly isValid: boolean;
  readonly isKept: boolean;
  readonly missingSince: Temporal.Instant | null;
  readonly version: number;
}

/** All fields, by name. A few hundred at most: an AMS's person record has so many columns. */
export async function selectFields(tx: Tx, account: AccountId, bridge: BridgeId): Promise<readonly Field[]> {
  const { rows } = await sql<Field>`
    select name, data_type as "dataType", display_name as "displayName", default_value as "defaultValue", comment,
      is_valid as "isValid", is_kept as "isKept", missing_since as "missingSince", version
    from personalization_field where account_id = ${account} and bridge_id = ${bridge} order by name`.execute(tx);
  return rows;
}

/** The fields whose values a subscriber sync reads. */
export async function selectKeptFields(tx: Tx, account: AccountId, bridge: BridgeId): Promise<readonly FieldName[]> {
  const { rows } = await sql<{ name: FieldName }>`
    select name from personalization_field
    where account_id = ${account} and bridge_id = ${bridge} and is_kept and missing_since is null order by name`.execute(
    tx,
  );
  return rows.map((row) => row.name);
}

/** @returns whether the field was still the version that `field` has: else nothing is changed */
export async function updateField(tx: Tx, account: AccountId, bridge: BridgeId, field: Field): Promise<boolean> {
  const { rows } = await sql`update personalization_field set display_name = ${field.displayName},
      default_value = ${field.defaultValue}, comment = ${field.comment}, is_valid = ${field.isValid},
      is_kept = ${field.isKept}, must_forget = not ${field.isKept}::boolean and (must_forget or is_kept),
      version = version + 1
    where account_id = ${account} and bridge_id = ${bridge} and name = ${field.name} and version = ${field.version}
    returning name`.execute(tx);
  return rows.length > 0;
}

/** How a list sync changed the fields, or the groups. */
export interface ListChanges {
  readonly added: readonly string[];
  readonly renamed: readonly string[];
  readonly missing: readonly string[];
  readonly revived: readonly string[];
}

/**
 * Adds, keeps and marks fields: a vanished one is marked, a returned one revived, what people set stays. (product 1.1)
 * One statement reads the AMS's list as a table, so that a thousand fields cost one round trip.
 */
export async function mergeFields(
  tx: Tx,
  account: AccountId,
  bridge: BridgeId,
  fields: readonly PersonalizationField[],
  now: Temporal.Instant,
): Promise<ListChanges> {
  const list = JSON.stringify(fields);
  const revived = await sql<{ name: string }>`
    update personalization_field f set missing_since = null
    where f.account_id = ${account} and f.bridge_id = ${bridge} and f.missing_since is not null
      and f.name in (select x.name from jsonb_to_recordset(${list}::jsonb) as x(name text))
    returning f.name`.execute(tx);
  const added = await sql<{ name: string }>`
    insert into personalization_field (account_id, bridge_id, name, data_type, display_name, is_valid, created_at)
    select distinct on (x.name) ${account}::uuid, ${bridge}::uuid, x.name, x."dataType", x.name, not x."isSensitive", ${now}::timestamptz
    from jsonb_to_recordset(${list}::jsonb) as x(name text, "dataType" text, "isSensitive" boolean)
    on conflict (account_id, bridge_id, name) do nothing
    returning name`.execute(tx);
  const missing = await sql<{ name: string }>`
    update personalization_field f set missing_since = ${now}
    where f.account_id = ${account} and f.bridge_id = ${bridge} and f.missing_since is null
      and f.name not in (select x.name from jsonb_to_recordset(${list}::jsonb) as x(name text))
    returning f.name`.execute(tx);
  const names = (result: { rows: { name: string }[] }) => result.rows.map((row) => row.name);
  return { added: names(added), renamed: [], missing: names(missing), revived: names(revived) };
}

/** Fields whose values an administrator no longer keeps, in all accounts. */
export async function selectFieldsToForget(
  tx: Tx,
): Promise<readonly { readonly accountId: AccountId; readonly name: FieldName }[]> {
  const { rows } = await sql<{ accountId: AccountId; name: FieldName }>`
    select account_id as "accountId", name from personalization_field where must_forget`.execute(tx);
  return rows;
}

/** The values are gone. Stands, unless the field is kept again by now. */
export async function updateFieldForgotten(tx: Tx, account: AccountId, name: FieldName): Promise<void> {
  await sql`update personalization_field set must_forget = false where account_id = ${account} and name = ${name}`.execute(
    tx,
  );
}
