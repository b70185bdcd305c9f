import { sql } from "kysely";
import type { Tx } from "../../../platform/database/database.ts";
import type { AccountId } from "../../accounts/account.ts";
import type { Mailing } from "../mailing.ts";
import type { Image, ImageId, ServedImage } from "./image.ts";

/** A picture is stored as it is, uncompressed, so that its length is known without reading it. */
const columns = sql`id, file_name as "fileName", media_type as "mediaType", octet_length(content) as bytes, width,
  height, created_at as "createdAt", created_by as "createdBy", deleted_at as "deletedAt"`;

export async function insertImage(
  tx: Tx,
  account: AccountId,
  image: Omit<Image, "bytes" | "deletedAt">,
  content: Buffer,
): Promise<void> {
  await sql`insert into image (account_id, id, file_name, media_type, content, width, height, created_at, created_by)
    values (${account}, ${image.id}, ${image.fileName}, ${image.mediaType}, ${content}, ${image.width},
      ${image.height}, ${image.createdAt}, ${image.createdBy})`.execute(tx);
}

/** Those of these that the account has, deleted ones too: what shows them goes on doing so. */
export async function selectImages(tx: Tx, account: AccountId, ids: readonly ImageId[]): Promise<readonly Image[]> {
  const { rows } = await sql<Image>`select ${columns} from image
    where account_id = ${account} and id = any(${ids}::uuid[])`.execute(tx);
  return rows;
}

export interface ImageFilter {
  readonly limit: number;
  /** Instant and id of the last one of the page before. */
  readonly after?: { readonly at: string; readonly id: string } | undefined;
}

/** One page, newest first, without what was deleted: `image_latest` has it in this order. */
export async function selectImagePage(
  tx: Tx,
  account: AccountId,
  { limit, after }: ImageFilter,
): Promise<readonly Image[]> {
  const { rows } = await sql<Image>`select ${columns} from image
    where account_id = ${account} and deleted_at is null
      ${after ? sql`and (created_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by created_at desc, id desc limit ${limit}`.execute(tx);
  return rows;
}

/** What shows a picture. */
export type ImageUse = Pick<Mailing, "id" | "name" | "isTemplate" | "archivedAt">;

const mostUses = 200;

/**
 * Mailings and templates whose body names a picture: a block by its id, code by its address, which holds the id. No
 * index serves it: it is asked for one picture at a time, and an account's bodies are read in a fraction of a second.
 * Earlier versions don't count: a deleted picture's bytes stay, so that one brought back shows it all the same.
 */
export async function selectImageUses(tx: Tx, account: AccountId, id: ImageId): Promise<readonly ImageUse[]> {
  const { rows } = await sql<ImageUse>`select id, name, is_template as "isTemplate", archived_at as "archivedAt"
    from mailing where account_id = ${account} and position(${id.toLowerCase()} in body) > 0
    order by lower(name), id limit ${mostUses}`.execute(tx);
  return rows;
}

/** @returns whether there was one to delete */
export async function updateImageDeleted(
  tx: Tx,
  account: AccountId,
  id: ImageId,
  at: Temporal.Instant,
): Promise<Pick<Image, "fileName"> | undefined> {
  const { rows } = await sql<Pick<Image, "fileName">>`update image set deleted_at = ${at}
    where account_id = ${account} and id = ${id} and deleted_at is null
    returning file_name as "fileName"`.execute(tx);
  return rows[0];
}

/** Whose it is: asked for without an account, since whoever has the address may look. `image_by_id` finds it. */
export async function selectServedImage(tx: Tx, id: ImageId): Promise<ServedImage | undefined> {
  const { rows } = await sql<ServedImage>`select account_id as "accountId", id, file_name as "fileName",
    media_type as "mediaType" from image where id = ${id}`.execute(tx);
  return rows[0];
}

export async function selectImageContent(tx: Tx, account: AccountId, id: ImageId): Promise<Buffer | undefined> {
  const { rows } = await sql<{ content: Buffer }>`select content from image
    where account_id = ${account} and id = ${id}`.execute(tx);
  return rows[0]?.content;
}
