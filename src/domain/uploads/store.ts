import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { SyncId } from "../syncs/sync.ts";
import type { Reading, Upload, UploadId } from "./upload.ts";

const columns = sql`id, file_name as "fileName", created_at as "createdAt", created_by as "createdBy", bytes,
  is_complete as "isComplete", reading, sync_id as "syncId"`;

export async function insertUpload(
  tx: Tx,
  account: AccountId,
  upload: Pick<Upload, "id" | "fileName" | "createdAt" | "createdBy">,
): Promise<void> {
  await sql`insert into upload (account_id, id, file_name, created_at, created_by)
    values (${account}, ${upload.id}, ${upload.fileName}, ${upload.createdAt}, ${upload.createdBy})`.execute(tx);
}

export async function insertPiece(
  tx: Tx,
  account: AccountId,
  upload: UploadId,
  place: number,
  content: Buffer,
): Promise<void> {
  await sql`insert into upload_piece (account_id, upload_id, place, content)
    values (${account}, ${upload}, ${place}, ${content})`.execute(tx);
}

/** @returns undefined behind the last piece */
export async function selectPiece(
  tx: Tx,
  account: AccountId,
  upload: UploadId,
  place: number,
): Promise<Buffer | undefined> {
  const { rows } = await sql<{ content: Buffer }>`select content from upload_piece
    where account_id = ${account} and upload_id = ${upload} and place = ${place}`.execute(tx);
  return rows[0]?.content;
}

export async function updateUploadComplete(tx: Tx, account: AccountId, id: UploadId, bytes: number): Promise<void> {
  await sql`update upload set bytes = ${bytes}, is_complete = true where account_id = ${account} and id = ${id}`.execute(
    tx,
  );
}

export async function deleteUpload(tx: Tx, account: AccountId, id: UploadId): Promise<void> {
  await sql`delete from upload where account_id = ${account} and id = ${id}`.execute(tx);
}

export async function selectUpload(tx: Tx, account: AccountId, id: UploadId): Promise<Upload | undefined> {
  const { rows } = await sql<Upload>`select ${columns} from upload
    where account_id = ${account} and id = ${id} and is_complete`.execute(tx);
  return rows[0];
}

/** The same, held until the transaction ends: a file is imported once. */
export async function lockUpload(tx: Tx, account: AccountId, id: UploadId): Promise<Upload | undefined> {
  await sql`select from upload where account_id = ${account} and id = ${id} for no key update`.execute(tx);
  return selectUpload(tx, account, id);
}

export async function selectUploadOfSync(tx: Tx, account: AccountId, sync: SyncId): Promise<Upload | undefined> {
  const { rows } = await sql<Upload>`select ${columns} from upload
    where account_id = ${account} and sync_id = ${sync}`.execute(tx);
  return rows[0];
}

export async function updateUploadReading(
  tx: Tx,
  account: AccountId,
  id: UploadId,
  reading: Reading,
  sync: SyncId,
): Promise<void> {
  await sql`update upload set reading = ${JSON.stringify(reading)}::jsonb, sync_id = ${sync}
    where account_id = ${account} and id = ${id}`.execute(tx);
}

/** The file goes, what it was called stays. */
export async function deletePieces(tx: Tx, account: AccountId, id: UploadId): Promise<void> {
  await sql`delete from upload_piece where account_id = ${account} and upload_id = ${id}`.execute(tx);
}

/** Files that nobody imported within the days that their account gives them, or that never came whole; and those whose import is over. */
export async function deleteOldUploads(
  tx: Tx,
  now: Temporal.Instant,
): Promise<readonly { readonly accountId: AccountId; readonly files: number }[]> {
  const { rows } = await sql<{ accountId: AccountId; files: number }>`
    with gone as (
      delete from upload u using account a where a.id = u.account_id and u.sync_id is null
        and u.created_at < ${now}::timestamptz - make_interval(days => a.uploads_kept_days) returning u.account_id)
    select account_id as "accountId", count(*) as files from gone group by 1`.execute(tx);
  await sql`delete from upload_piece p using upload u, sync s
    where u.account_id = p.account_id and u.id = p.upload_id and s.account_id = u.account_id and s.id = u.sync_id
      and s.finished_at is not null`.execute(tx);
  return rows;
}
