import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createZstdDecompress } from "node:zlib";
import { describeError, SetupError } from "../../errors.ts";
import {
  BackupFileError,
  type Contents,
  format,
  type Origin,
  RowSum,
  readRemark,
  type TableSum,
  title,
} from "./format.ts";

/** What a backup holds, piece by piece. */
export type Piece =
  | { readonly kind: "origin"; readonly origin: Origin }
  /** The rows of a table begin: as COPY takes them. */
  | { readonly kind: "table"; readonly statement: string }
  /** Whole lines. */
  | { readonly kind: "rows"; readonly data: Buffer }
  | { readonly kind: "table_end" }
  | { readonly kind: "statement"; readonly statement: string }
  | { readonly kind: "contents"; readonly contents: Contents };

const newline = 10;

function asFileError(file: string, error: unknown): SetupError {
  if (error instanceof SetupError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (["ENOENT", "EACCES", "EISDIR"].includes(code))
    return new SetupError(
      "no_backup",
      `${file} can't be read: ${describeError(error)}`,
      "Check its name and its rights.",
    );
  return new BackupFileError(file, describeError(error), { cause: error });
}

/**
 * Reads a backup from its beginning, never more in memory than a few rows.
 * @throws BackupFileError when it is cut off, altered or no backup; only who has read it to its end knows that it isn't
 */
export async function* readBackup(file: string): AsyncGenerator<Piece> {
  const reader = new Reader(file);
  const source = createReadStream(file);
  const plain = createZstdDecompress();
  source.on("error", (error) => plain.destroy(error));
  try {
    for await (const chunk of source.pipe(plain)) yield* reader.take(chunk as Buffer);
    reader.end();
  } catch (error) {
    throw asFileError(file, error);
  } finally {
    source.destroy();
    plain.destroy();
  }
}

/** Goes through lines: outside a table each is a statement or a remark, inside each is a row. */
class Reader {
  readonly #file: string;
  readonly #digest = createHash("sha256");
  #rest: Buffer[] = [];
  #line = 0;
  #isInTable = false;
  #isOver = false;

  constructor(file: string) {
    this.#file = file;
  }

  *take(chunk: Buffer): Generator<Piece> {
    const last = chunk.lastIndexOf(newline);
    if (last === -1) {
      this.#rest.push(chunk);
      // A first line that doesn't end is not ours: better said now than after the whole of some other file.
      if (this.#line === 0 && chunk.length > title.length) throw this.#notOurs();
      return;
    }
    const whole = Buffer.concat([...this.#rest, chunk.subarray(0, last + 1)]);
    this.#rest = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
    for (let at = 0; at < whole.length; ) {
      if (this.#isOver) throw new BackupFileError(this.#file, "something stands behind its end");
      if (this.#isInTable) {
        const end = endOfRows(whole, at);
        const rows = whole.subarray(at, end ?? whole.length);
        this.#digest.update(rows);
        if (rows.length > 0) yield { kind: "rows", data: rows };
        at = whole.length;
        if (end === undefined) continue;
        at = end + 3;
        this.#digest.update("\\.\n");
        this.#isInTable = false;
        yield { kind: "table_end" };
      } else {
        const end = whole.indexOf(newline, at);
        yield* this.#outside(whole.subarray(at, end).toString("utf8"));
        at = end + 1;
      }
    }
  }

  *#outside(line: string): Generator<Piece> {
    this.#line += 1;
    if (this.#line === 1 && line !== title) throw this.#notOurs();
    const contents = readRemark<Contents>(line, "contents");
    if (contents) {
      const found = this.#digest.digest("hex");
      if (found !== contents.sha256)
        throw new BackupFileError(this.#file, "it was altered: its digest is not the one it says");
      this.#isOver = true;
      yield { kind: "contents", contents };
      return;
    }
    this.#digest.update(`${line}\n`);
    const origin = readRemark<Origin>(line, "origin");
    if (origin) {
      if (origin.format !== format)
        throw new BackupFileError(this.#file, `it has format ${origin.format}, this program knows ${format}`);
      yield { kind: "origin", origin };
    } else if (line.startsWith("copy ")) {
      this.#isInTable = true;
      yield { kind: "table", statement: line.replace(/;$/, "") };
    } else if (!line.startsWith("--")) yield { kind: "statement", statement: line };
  }

  end(): void {
    if (!this.#isOver) throw new BackupFileError(this.#file, "it ends in the middle");
    if (this.#rest.length > 0) throw new BackupFileError(this.#file, "something stands behind its end");
  }

  #notOurs(): BackupFileError {
    return new BackupFileError(this.#file, "it is no backup of Lockstep, or one of a format unknown here");
  }
}

/** Where the line that ends a table's rows begins: a backslash and a full stop, which no row can be. */
function endOfRows(whole: Buffer, from: number): number | undefined {
  if (whole[from] === 0x5c && whole[from + 1] === 0x2e && whole[from + 2] === newline) return from;
  const found = whole.indexOf("\n\\.\n", from, "latin1");
  return found === -1 ? undefined : found + 1;
}

/**
 * Reads all of a backup and compares it with what it says of itself.
 * @throws BackupFileError when it isn't whole
 */
export async function checkBackup(
  file: string,
  onRows: (rows: number) => void = () => {},
): Promise<{ readonly origin: Origin; readonly contents: Contents }> {
  let origin: Origin | undefined;
  let contents: Contents | undefined;
  const sums: RowSum[] = [];
  let rows = 0;
  for await (const piece of readBackup(file)) {
    if (piece.kind === "origin") origin = piece.origin;
    else if (piece.kind === "contents") contents = piece.contents;
    else if (piece.kind === "table") sums.push(new RowSum());
    else if (piece.kind === "rows") sums.at(-1)?.add(piece.data);
    else if (piece.kind === "table_end") {
      rows += sums.at(-1)?.rows ?? 0;
      onRows(rows);
    }
  }
  if (!origin || !contents) throw new BackupFileError(file, "it doesn't say what is in it");
  const isSame = (table: TableSum, at: number) => table.rows === sums[at]?.rows && table.sum === sums[at]?.sum;
  if (contents.tables.length !== sums.length || !contents.tables.every(isSame))
    throw new BackupFileError(file, "its tables are not what it says of them");
  return { origin, contents };
}
