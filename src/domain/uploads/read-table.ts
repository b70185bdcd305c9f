import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import iconv from "iconv-lite";
import { ConflictError } from "../../platform/errors.ts";
import type { Dialect } from "./upload.ts";

/** A row of a file. */
export interface TableRow {
  /** The line on which it begins, from 1: where a spreadsheet or an editor finds it. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A row longer than this is none: most likely a quote that never ends. */
const longestRow = 256 * 1024;
/** More columns than a spreadsheet has. */
const mostColumns = 500;

/**
 * Reads a file's bytes as rows of cells (RFC 4180), while they come. Rows may have fewer or more cells than others;
 * empty lines are passed over.
 * @throws ConflictError when the file is no table: with the line
 */
export async function* readTable(
  bytes: AsyncIterable<Uint8Array>,
  { encoding, delimiter }: Pick<Dialect, "encoding" | "delimiter">,
): AsyncGenerator<TableRow> {
  const parser = Readable.from(bytes, { objectMode: false })
    .compose(iconv.decodeStream(encoding))
    .compose(
      parse({
        delimiter,
        bom: true,
        info: true,
        relax_column_count: true,
        skip_empty_lines: true,
        max_record_size: longestRow,
      }),
    );
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (record.length > mostColumns) throw notATable(info.lines, `it has ${record.length} columns`);
      yield { line: info.lines, cells: record };
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw notATable(Number(cause.lines ?? 0) || 1, reasons[cause.code] ?? cause.message, cause);
  }
}

const reasons: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quotation mark is opened and never closed",
  CSV_MAX_RECORD_SIZE: "a row is longer than 256 kB, perhaps for a quotation mark that is never closed",
  CSV_INVALID_CLOSING_QUOTE: "something stands behind a closing quotation mark",
  INVALID_OPENING_QUOTE: "a quotation mark stands in the middle of a cell",
};

function notATable(line: number, reason: string, cause?: unknown): ConflictError {
  return new ConflictError(
    "not_a_table",
    `The file can't be read as a table: near line ${line}, ${reason}.`,
    "Choose another delimiter or encoding, or save the file as CSV again.",
    { cause },
  );
}
