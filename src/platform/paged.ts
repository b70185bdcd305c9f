/** Of a long list that is written out: so many rows are read at a time, each time in a transaction of its own. */
export const rowsAtOnce = 1000;

/**
 * The rows of a long list, one after another, read page by page.
 * @param read a page of `rowsAtOnce` rows behind a position, or the first
 */
export async function* paged<Row, Position>(
  read: (after: Position | undefined) => Promise<readonly Row[]>,
  positionOf: (row: Row) => Position,
  present: (row: Row) => readonly string[],
): AsyncGenerator<readonly string[]> {
  for (let after: Position | undefined; ; ) {
    const rows = await read(after);
    for (const row of rows) yield present(row);
    const last = rows.at(-1);
    if (!last || rows.length < rowsAtOnce) return;
    after = positionOf(last);
  }
}
