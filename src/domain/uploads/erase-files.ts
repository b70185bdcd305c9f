import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import { readPieces } from "./receive-upload.ts";
import { deleteUpload } from "./store.ts";
import type { UploadId } from "./upload.ts";

/** A file that waits to be imported. */
export interface WaitingFile {
  readonly id: UploadId;
  readonly fileName: string;
  readonly createdAt: Temporal.Instant;
}

/**
 * Files that wait to be imported and name one of these addresses, in whatever encoding. A file is kept for a day at most,
 * and goes with its import: there are few.
 */
export async function findFilesNaming(
  ctx: AccountContext,
  addresses: readonly string[],
): Promise<readonly WaitingFile[]> {
  const waiting = await ctx.db.transaction(ctx.accountId, (tx) => selectWaiting(tx, ctx));
  const found: WaitingFile[] = [];
  for (const file of waiting) if (await isNamedIn(readPieces(ctx, file.id), addresses)) found.push(file);
  return found;
}

/** Deletes files that nobody has begun to import: one that is being imported goes by itself. (product 2.6) */
export async function eraseFiles(tx: Tx, ctx: AccountContext, files: readonly WaitingFile[]): Promise<void> {
  const waiting = new Set((await selectWaiting(tx, ctx)).map(({ id }) => id));
  for (const { id } of files) if (waiting.has(id)) await deleteUpload(tx, ctx.accountId, id);
}

async function selectWaiting(tx: Tx, { accountId }: AccountContext): Promise<readonly WaitingFile[]> {
  const { rows } = await sql<WaitingFile>`
    select id, file_name as "fileName", created_at as "createdAt" from upload u
    where account_id = ${accountId} and sync_id is null and exists (
      select from upload_piece p where p.account_id = u.account_id and p.upload_id = u.id)
    order by created_at, id`.execute(tx);
  return rows;
}

/** Looks for the addresses as bytes, without regard to case, across the borders of pieces. */
async function isNamedIn(pieces: AsyncIterable<Buffer>, addresses: readonly string[]): Promise<boolean> {
  const needles = addresses.flatMap((address) =>
    [Buffer.from(address), Buffer.from(address, "latin1"), Buffer.from(address, "utf16le"), utf16be(address)].map(
      asText,
    ),
  );
  const longest = Math.max(...needles.map(({ length }) => length));
  let tail = "";
  for await (const piece of pieces) {
    const text = tail + asText(piece);
    if (needles.some((needle) => text.includes(needle))) return true;
    tail = text.slice(-longest);
  }
  return false;
}

const asText = (bytes: Buffer) => bytes.toString("latin1").toLowerCase();
const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
