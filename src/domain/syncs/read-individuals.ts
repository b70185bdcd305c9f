import type { FieldName, QueryKey, Session } from "../../connectors/connector.ts";
import { crashPoint } from "../../platform/crash-point.ts";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import { copyLine, extraJson, fieldPrefixes, stageRow } from "./row.rules.ts";
import { countStaged, createStaging, resetStaging, selectCursor, stageRows } from "./staging-store.ts";
import type { Sync } from "./sync.ts";

/** A complete read. */
export interface Read {
  readonly rowsRead: number;
  /** Lines for COPY of a read that fits in one batch: not staged yet. Null when every row is. */
  readonly unstaged: readonly Buffer[] | null;
}

/** How far a read is: the last key that is staged, and how many rows. */
export interface ReadPosition {
  readonly cursor: string | null;
  readonly rowsRead: number;
}

/** Rows of one staging transaction: enough to make COPY cheap, few enough to hold in memory (about 3 MB). */
const rowsPerCopy = 5000;
/** Rows may be large: a batch is also bounded by its text. */
const bytesPerCopy = 4 * 1024 ** 2;

/**
 * Reads every individual of the query into staging, from where `prepareRead` says. Nothing of the group
 * changes here; only a read that ends without a throw is complete. (product 1.2)
 * @throws AmsError when the read can't be known to be complete
 * @throws SyncLostError when another process took the sync over
 */
export async function readIndividuals(
  ctx: AccountContext,
  sync: Sync,
  session: Session,
  query: QueryKey,
  fields: readonly FieldName[],
  start: ReadPosition,
  signal: AbortSignal,
): Promise<Read> {
  const { extraFields } = sync;
  const prefixes = fieldPrefixes(fields);
  const extraPrefixes = fieldPrefixes(extraFields);
  let { rowsRead, cursor } = start;
  let isBrief = sync.rowsRead === 0;
  let previousKey = "";
  let lines: Buffer[] = [];
  let pending = 0;
  let bytes = 0;
  let staging: Promise<void> = Promise.resolve();
  const flush = async (at: string) => {
    // One batch is written while the next is read; a second waits, so that memory stays what it is.
    await staging;
    if (isBrief) await ctx.db.transaction(ctx.accountId, (tx) => createStaging(tx, sync.id));
    isBrief = false;
    const batch = lines;
    lines = [];
    pending = 0;
    bytes = 0;
    staging = stageRows(ctx.db, ctx.accountId, sync, batch, { cursor: at, rowsRead }, ctx.clock.now()).then(() =>
      crashPoint("sync.after_stage"),
    );
    staging.catch(() => {}); // met at the next await
  };
  for await (const page of session.readIndividuals(query, [...fields, ...extraFields], {
    signal,
    after: cursor ?? undefined,
  })) {
    signal.throwIfAborted();
    let text = "";
    for (const individual of page.individuals) {
      const row = stageRow(individual, prefixes, previousKey);
      previousKey = individual.remoteId;
      const extra = extraFields.length === 0 ? undefined : extraJson(individual, fields.length, extraPrefixes);
      text += copyLine(rowsRead, row, extra);
      rowsRead += 1;
    }
    const line = Buffer.from(text);
    lines.push(line);
    bytes += line.byteLength;
    pending += page.individuals.length;
    cursor = page.cursor;
    if (pending >= rowsPerCopy || bytes >= bytesPerCopy) await flush(cursor);
  }
  if (isBrief) return { rowsRead, unstaged: lines };
  if (pending > 0 && cursor !== null) await flush(cursor);
  await staging;
  return { rowsRead, unstaged: null };
}

/** @returns where the read goes on: at its beginning, or behind what an interrupted run staged */
export async function prepareRead(ctx: AccountContext, sync: Sync): Promise<ReadPosition> {
  if (sync.rowsRead === 0) return { cursor: null, rowsRead: 0 };
  return ctx.db.transaction(ctx.accountId, (tx) => prepareStaged(tx, ctx, sync));
}

async function prepareStaged(tx: Tx, ctx: AccountContext, sync: Sync): Promise<ReadPosition> {
  await createStaging(tx, sync.id);
  const start = await selectCursor(tx, ctx.accountId, sync.id);
  // An AMS that can't be asked for what comes after a row gives the same rows again.
  if (start.rowsRead === 0 || (start.cursor !== "" && (await countStaged(tx, sync.id)) === start.rowsRead))
    return start;
  ctx.log.warn({ sync: sync.id }, "what was staged can't be gone on with; the read starts again");
  await resetStaging(tx, ctx.accountId, sync.id);
  return { cursor: null, rowsRead: 0 };
}
