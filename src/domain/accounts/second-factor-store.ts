import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { UserId } from "./user.ts";

export interface SealedSecondFactor {
  readonly sealed: Buffer | null;
  readonly pending: Buffer | null;
}

/** Held until the transaction ends: two tries with one code go one by one. */
export async function lockSecondFactor(tx: Tx, id: UserId): Promise<SealedSecondFactor | undefined> {
  const { rows } = await sql<SealedSecondFactor>`select totp_sealed as sealed, totp_pending_sealed as pending
    from app_user where id = ${id} for no key update`.execute(tx);
  return rows[0];
}

export async function updatePendingSecondFactor(tx: Tx, id: UserId, sealed: Buffer): Promise<void> {
  await sql`update app_user set totp_pending_sealed = ${sealed} where id = ${id}`.execute(tx);
}

/** The pending one becomes the user's, and its first code is spent. */
export async function updateSecondFactorConfirmed(tx: Tx, id: UserId, step: number): Promise<void> {
  await sql`update app_user set totp_sealed = totp_pending_sealed, totp_pending_sealed = null, totp_step = ${step}
    where id = ${id}`.execute(tx);
}

/** @returns false when a code of this step, or of a later one, was taken before */
export async function spendStep(tx: Tx, id: UserId, step: number): Promise<boolean> {
  const result = await sql`update app_user set totp_step = ${step} where id = ${id} and totp_step < ${step}`.execute(
    tx,
  );
  return result.numAffectedRows === 1n;
}

export async function deleteSecondFactor(tx: Tx, id: UserId): Promise<void> {
  await sql`update app_user set totp_sealed = null, totp_pending_sealed = null, totp_step = 0 where id = ${id}`.execute(
    tx,
  );
  await sql`delete from recovery_code where user_id = ${id}`.execute(tx);
}

export async function replaceRecoveryCodes(tx: Tx, id: UserId, hashes: readonly Buffer[]): Promise<void> {
  await sql`delete from recovery_code where user_id = ${id}`.execute(tx);
  for (const hash of hashes) {
    await sql`insert into recovery_code (account_id, user_id, code_hash)
      select account_id, id, ${hash}::bytea from app_user where id = ${id}`.execute(tx);
  }
}

/** @returns false when the user has no such code, or it was taken before */
export async function spendRecoveryCode(tx: Tx, id: UserId, hash: Buffer): Promise<boolean> {
  const result = await sql`delete from recovery_code where user_id = ${id} and code_hash = ${hash}`.execute(tx);
  return result.numAffectedRows === 1n;
}
