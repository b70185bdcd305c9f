import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Bridge, BridgeHealth, BridgeId, BridgeSettings } from "./bridge.ts";

interface BridgeRow extends Omit<Bridge, "settings" | "health">, BridgeSettings, BridgeHealth {}

const columns = sql`id, connector, base_url as "baseUrl", user_name as "userName", mapping, is_active as "isActive",
  session_limit as "sessionLimit", guard_percent as "guardPercent", guard_minimum as "guardMinimum",
  guard_absolute as "guardAbsolute", nightly_is_on as "nightlyIsOn", nightly_hour as "nightlyHour",
  preference_link as "preferenceLink",
  needs_attention_since as "needsAttentionSince", needs_attention_reason as "needsAttentionReason",
  failures_in_a_row as "failuresInARow", probe_at as "probeAt", list_synced_at as "listSyncedAt",
  created_at as "createdAt", version`;

function toBridge(row: BridgeRow): Bridge {
  const { sessionLimit, guardPercent, guardMinimum, guardAbsolute, nightlyIsOn, nightlyHour, preferenceLink, ...rest } =
    row;
  const { needsAttentionSince, needsAttentionReason, failuresInARow, probeAt, ...bridge } = rest;
  return {
    ...bridge,
    settings: { sessionLimit, guardPercent, guardMinimum, guardAbsolute, nightlyIsOn, nightlyHour, preferenceLink },
    health: { needsAttentionSince, needsAttentionReason, failuresInARow, probeAt },
  };
}

/** The account's bridge: there is one at most. */
export async function selectBridge(tx: Tx, account: AccountId): Promise<Bridge | undefined> {
  const { rows } = await sql<BridgeRow>`select ${columns} from bridge where account_id = ${account}`.execute(tx);
  return rows[0] && toBridge(rows[0]);
}

/** The same, held for change until the transaction ends: what decides about sessions and health goes one by one. */
export async function lockBridge(tx: Tx, account: AccountId, id: BridgeId): Promise<Bridge | undefined> {
  const { rows } = await sql<BridgeRow>`select ${columns} from bridge
    where account_id = ${account} and id = ${id} for no key update`.execute(tx);
  return rows[0] && toBridge(rows[0]);
}

export async function selectSealedPassword(tx: Tx, account: AccountId, id: BridgeId): Promise<Buffer | undefined> {
  const { rows } = await sql<{ sealed: Buffer }>`
    select password_sealed as sealed from bridge where account_id = ${account} and id = ${id}`.execute(tx);
  return rows[0]?.sealed;
}

/** What a person sets. */
export interface BridgeValues extends BridgeSettings {
  readonly connector: string;
  readonly baseUrl: string;
  readonly userName: string;
  readonly mapping: unknown;
  readonly isActive: boolean;
}

export async function insertBridge(
  tx: Tx,
  account: AccountId,
  id: BridgeId,
  values: BridgeValues,
  passwordSealed: Buffer,
  now: Temporal.Instant,
): Promise<void> {
  await sql`insert into bridge (account_id, id, connector, base_url, user_name, password_sealed, mapping, is_active,
      session_limit, guard_percent, guard_minimum, guard_absolute, nightly_is_on, nightly_hour, preference_link, created_at, updated_at)
    values (${account}, ${id}, ${values.connector}, ${values.baseUrl}, ${values.userName}, ${passwordSealed},
      ${asJson(values.mapping)}::jsonb, ${values.isActive}, ${values.sessionLimit}, ${values.guardPercent},
      ${values.guardMinimum}, ${values.guardAbsolute}, ${values.nightlyIsOn}, ${values.nightlyHour}, ${values.preferenceLink}, ${now}, ${now})`.execute(
    tx,
  );
}

/** Changes what a person sets; its health stands. @param passwordSealed null keeps the password */
export async function updateBridge(
  tx: Tx,
  account: AccountId,
  id: BridgeId,
  values: BridgeValues,
  passwordSealed: Buffer | null,
  now: Temporal.Instant,
): Promise<void> {
  await sql`update bridge set connector = ${values.connector}, base_url = ${values.baseUrl},
      user_name = ${values.userName}, password_sealed = coalesce(${passwordSealed}::bytea, password_sealed),
      mapping = ${asJson(values.mapping)}::jsonb, is_active = ${values.isActive},
      session_limit = ${values.sessionLimit}, guard_percent = ${values.guardPercent},
      guard_minimum = ${values.guardMinimum}, guard_absolute = ${values.guardAbsolute},
      nightly_since = case when nightly_is_on = ${values.nightlyIsOn} and nightly_hour = ${values.nightlyHour}
        then nightly_since else ${now} end,
      nightly_is_on = ${values.nightlyIsOn}, nightly_hour = ${values.nightlyHour}, preference_link = ${values.preferenceLink}, updated_at = ${now},
      version = version + 1
    where account_id = ${account} and id = ${id}`.execute(tx);
}

export async function updateBridgeHealth(
  tx: Tx,
  account: AccountId,
  id: BridgeId,
  health: BridgeHealth,
): Promise<void> {
  await sql`update bridge set needs_attention_since = ${health.needsAttentionSince},
      needs_attention_reason = ${health.needsAttentionReason}, failures_in_a_row = ${health.failuresInARow},
      probe_at = ${health.probeAt}
    where account_id = ${account} and id = ${id}`.execute(tx);
}

/** The AMS answered: the circuit closes. Refused credentials stay refused, since an older session may have answered. */
export async function clearBridgeTrouble(tx: Tx, account: AccountId, id: BridgeId): Promise<void> {
  await sql`update bridge set failures_in_a_row = 0, probe_at = null
    where account_id = ${account} and id = ${id} and (failures_in_a_row > 0 or probe_at is not null)`.execute(tx);
}

export async function updateListSyncedAt(
  tx: Tx,
  account: AccountId,
  id: BridgeId,
  at: Temporal.Instant,
): Promise<void> {
  await sql`update bridge set list_synced_at = ${at} where account_id = ${account} and id = ${id}`.execute(tx);
}

/** For the schedules: every bridge that is switched on, with its account's zone. */
export async function selectActiveBridges(tx: Tx): Promise<
  readonly {
    readonly accountId: AccountId;
    readonly bridgeId: BridgeId;
    readonly timeZone: string;
    readonly nightlyIsOn: boolean;
    readonly nightlyHour: number;
    /** Due times before it are nobody's: the bridge was made, or its night changed, after them. */
    readonly nightlySince: Temporal.Instant;
  }[]
> {
  const { rows } = await sql<{
    accountId: AccountId;
    bridgeId: BridgeId;
    timeZone: string;
    nightlyIsOn: boolean;
    nightlyHour: number;
    nightlySince: Temporal.Instant;
  }>`select b.account_id as "accountId", b.id as "bridgeId", a.time_zone as "timeZone",
      b.nightly_is_on as "nightlyIsOn", b.nightly_hour as "nightlyHour", coalesce(b.nightly_since, b.created_at) as "nightlySince"
    from bridge b join account a on a.id = b.account_id
    where b.is_active and a.suspended_at is null`.execute(tx);
  return rows;
}

function asJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
