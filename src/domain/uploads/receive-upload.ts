import iconv from "iconv-lite";
import { ConflictError, InvalidInputError, NotFoundError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { recordChange } from "../accounts/record-change.ts";
import { selectFields } from "../bridges/field-store.ts";
import { selectBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import {
  guessColumns,
  guessDelimiter,
  guessEncoding,
  guessHeader,
  guessOtherFormat,
  type KeptField,
} from "./guess.rules.ts";
import { readTable, type TableRow } from "./read-table.ts";
import { deleteUpload, insertPiece, insertUpload, selectPiece, selectUpload, updateUploadComplete } from "./store.ts";
import type { Columns, Dialect, Upload, UploadId } from "./upload.ts";

/** Of a million people with a dozen fields each there is room. */
const mostBytes = 512 * 1024 ** 2;
const pieceBytes = 1024 ** 2;

/**
 * Receives a file while it comes and keeps it in pieces, so that neither memory nor a restart matters. It is read
 * later, from there.
 * @throws InvalidInputError when it is empty or too large; nothing is kept then
 */
export async function receiveUpload(
  ctx: AccountContext,
  fileName: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Upload> {
  const id = newId<UploadId>();
  const { accountId, actor } = ctx;
  const name =
    fileName
      .replaceAll(/[\p{Cc}\p{Cf}/\\]+/gu, " ")
      .trim()
      .slice(-200) || "list.csv";
  await ctx.db.transaction(accountId, (tx) =>
    insertUpload(tx, accountId, { id, fileName: name, createdAt: ctx.clock.now(), createdBy: actor }),
  );
  try {
    const total = await keepPieces(ctx, id, bytes);
    if (total === 0) throw new InvalidInputError([{ path: "file", message: "is empty" }]);
    return await ctx.db.transaction(accountId, async (tx) => {
      await updateUploadComplete(tx, accountId, id, total);
      await recordChange(tx, ctx, "upload.receive", name, { id, bytes: total });
      return (await selectUpload(tx, accountId, id)) as Upload;
    });
  } catch (error) {
    await ctx.db.transaction(accountId, (tx) => deleteUpload(tx, accountId, id));
    throw error;
  }
}

async function keepPieces(ctx: AccountContext, id: UploadId, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let [total, place, held] = [0, 0, 0];
  let parts: Uint8Array[] = [];
  const flush = async () => {
    const content = Buffer.concat(parts);
    parts = [];
    held = 0;
    await ctx.db.transaction(ctx.accountId, (tx) => insertPiece(tx, ctx.accountId, id, place, content));
    place += 1;
  };
  for await (const part of bytes) {
    if (total === 0) refuseOtherFormats(part);
    total += part.byteLength;
    if (total > mostBytes) {
      const message = `is larger than ${mostBytes / 1024 ** 2} MB; split it, and add the second part to the group`;
      throw new InvalidInputError([{ path: "file", message }]);
    }
    parts.push(part);
    held += part.byteLength;
    if (held >= pieceBytes) await flush();
  }
  if (held > 0) await flush();
  return total;
}

function refuseOtherFormats(beginning: Uint8Array): void {
  const other = guessOtherFormat(beginning);
  if (!other) return;
  const message = `is ${other}, not CSV; open it where it was made and save it as CSV (UTF-8)`;
  throw new InvalidInputError([{ path: "file", message }]);
}

/** The file's bytes, piece by piece, each read in a transaction of its own. */
export async function* readPieces(ctx: AccountContext, id: UploadId): AsyncGenerator<Buffer> {
  for (let place = 0; ; place += 1) {
    const piece = await ctx.db.transaction(ctx.accountId, (tx) => selectPiece(tx, ctx.accountId, id, place));
    if (!piece) return;
    yield piece;
  }
}

/** @throws NotFoundError when the account has no such file, or it is gone */
export async function findUpload(ctx: AccountContext, id: UploadId): Promise<Upload> {
  const upload = await ctx.db.transaction(ctx.accountId, (tx) => selectUpload(tx, ctx.accountId, id));
  if (!upload) throw new NotFoundError("upload", id, "A file is kept for a day: upload it again.");
  return upload;
}

/** A file's beginning as a table, with what its columns seem to be. */
export interface Preview {
  readonly upload: Upload;
  readonly dialect: Dialect;
  /** The header's cells; empty without one. */
  readonly header: readonly string[];
  readonly rows: readonly TableRow[];
  readonly guess: { readonly email: number | null; readonly fields: Columns["fields"] };
  /** What a column may be mapped to. */
  readonly fields: readonly KeptField[];
}

const rowsShown = 20;
const rowsGuessedFrom = 200;

/**
 * The file's beginning, read as somebody says or as it seems.
 * @throws ConflictError when it is no table
 */
export async function previewUpload(
  ctx: AccountContext,
  id: UploadId,
  said: { readonly [Key in keyof Dialect]?: Dialect[Key] | undefined } = {},
): Promise<Preview> {
  const upload = await findUpload(ctx, id);
  const beginning = await ctx.db.transaction(ctx.accountId, (tx) => selectPiece(tx, ctx.accountId, id, 0));
  if (!beginning) {
    throw new ConflictError(
      "already_imported",
      "This file was imported; it is not kept any longer.",
      "Upload it again.",
    );
  }
  const encoding = said.encoding ?? guessEncoding(beginning.subarray(0, 256 * 1024));
  const delimiter = said.delimiter ?? guessDelimiter(iconv.decode(beginning.subarray(0, 64 * 1024), encoding));
  const rows: TableRow[] = [];
  for await (const row of readTable(readPieces(ctx, id), { encoding, delimiter })) {
    rows.push(row);
    if (rows.length > rowsGuessedFrom) break;
  }
  const hasHeader = said.hasHeader ?? guessHeader(rows.map(({ cells }) => cells));
  const header = hasHeader ? (rows[0]?.cells ?? []) : [];
  const data = hasHeader ? rows.slice(1) : rows;
  const fields = await listKeptFields(ctx);
  return {
    upload,
    dialect: { encoding, delimiter, hasHeader },
    header,
    rows: data.slice(0, rowsShown),
    guess: guessColumns(
      header,
      data.map(({ cells }) => cells),
      fields,
    ),
    fields,
  };
}

/** The personalization fields that an administrator keeps. Without a bridge there are none. */
export function listKeptFields(ctx: AccountContext): Promise<readonly KeptField[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await selectBridge(tx, ctx.accountId);
    const fields = bridge ? await selectFields(tx, ctx.accountId, bridge.id) : [];
    return fields.filter(({ isKept }) => isKept).map(({ name, displayName }) => ({ name, displayName }));
  });
}
