import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Folder, FolderId } from "./target-group.ts";

const columns = sql`f.id, f.name, f.parent_id as "parentId", f.bridge_id as "bridgeId", f.version, f.deleted_at as "deletedAt",
  (select count(*) from target_group g
   where g.account_id = f.account_id and g.folder_id = f.id and g.deleted_at is null) as groups`;

/** Every folder that is not deleted, by name. An account has tens of them. */
export async function selectFolders(tx: Tx, account: AccountId): Promise<readonly Folder[]> {
  const { rows } = await sql<Folder>`select ${columns} from folder f
    where f.account_id = ${account} and f.deleted_at is null order by lower(f.name), f.id`.execute(tx);
  return rows;
}

/** Changes to folders stand in line, so that two moves can't make a circle between them. */
export async function lockFolders(tx: Tx, account: AccountId): Promise<void> {
  await sql`select from folder where account_id = ${account} order by id for update`.execute(tx);
}

/** One folder, deleted or not, locked until the transaction ends. */
export async function lockFolder(tx: Tx, account: AccountId, id: FolderId): Promise<Folder | undefined> {
  const { rows } = await sql<Folder>`select ${columns} from folder f
    where f.account_id = ${account} and f.id = ${id} for update of f`.execute(tx);
  return rows[0];
}

export async function insertFolder(
  tx: Tx,
  account: AccountId,
  folder: Pick<Folder, "id" | "name" | "parentId">,
  now: Temporal.Instant,
): Promise<void> {
  await sql`insert into folder (account_id, id, name, parent_id, created_at)
    values (${account}, ${folder.id}, ${folder.name}, ${folder.parentId}, ${now})`.execute(tx);
}

export async function updateFolder(
  tx: Tx,
  account: AccountId,
  folder: Pick<Folder, "id" | "name" | "parentId" | "deletedAt">,
): Promise<void> {
  await sql`update folder set name = ${folder.name}, parent_id = ${folder.parentId}, deleted_at = ${folder.deletedAt},
    version = version + 1 where account_id = ${account} and id = ${folder.id}`.execute(tx);
}
