import { hash } from "node:crypto";
import { SetupError } from "../../errors.ts";

/**
 * A backup is what `psql` reads, compressed with zstd: a script of COPY statements with a remark before and one behind
 * it. The remarks are ours: what is in it and where it comes from, and how many rows of each table there must be. In
 * need it is looked at with `zstd -dc FILE | less`, and loaded without Lockstep.
 */
export const format = 1;
export const title = `-- Lockstep backup, format ${format}: plain SQL as psql reads it, compressed with zstd`;

/** What stands at the beginning: where the backup comes from. */
export interface Origin {
  readonly format: number;
  /** Instant. */
  readonly madeAt: string;
  /** Version of the program that made it. */
  readonly program: string;
  /** Of the installation, null where no worker ever ran. */
  readonly installation: string | null;
  /** Which key the secrets in it are encrypted with: the key itself is not in it. */
  readonly keyId: string;
  readonly server: string;
  /** The schema: names of the migrations and their digests. */
  readonly migrations: readonly { readonly name: string; readonly checksum: string }[];
  /** Tables that are in the schema, but whose rows are left out. */
  readonly withoutRowsOf: readonly string[];
}

/** What stands for one table at the end. */
export interface TableSum {
  /** With its schema: `public.subscriber`. */
  readonly name: string;
  readonly rows: number;
  /** See `RowSum`. */
  readonly sum: string;
}

/** What stands at the end: whoever finds it has read all of the backup. */
export interface Contents {
  readonly tables: readonly TableSum[];
  /** Digest of every byte before this remark. */
  readonly sha256: string;
}

const contentsMark = "-- contents: ";
export const originLine = (origin: Origin) => `-- origin: ${JSON.stringify(origin)}`;
export const contentsLine = (contents: Contents) => `${contentsMark}${JSON.stringify(contents)}`;

/** Before the rows of one table. Names are quoted as PostgreSQL does it. */
export const copyLine = (quotedTable: string, quotedColumns: readonly string[]) =>
  `copy ${quotedTable} (${quotedColumns.join(", ")}) from stdin;`;

/** @returns undefined when it is another line */
export function readRemark<T>(line: string, mark: "origin" | "contents"): T | undefined {
  const start = `-- ${mark}: `;
  return line.startsWith(start) ? (JSON.parse(line.slice(start.length)) as T) : undefined;
}

/** Rows are text as COPY writes it, so that no server's version stands in the way; these make that text one and the same. */
export const steadyText = `set client_encoding = 'UTF8'; set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres';
  set extra_float_digits = 1; set bytea_output = 'hex'; set statement_timeout = 0; set lock_timeout = 0;
  set idle_in_transaction_session_timeout = 0; set xmlbinary = 'base64'`;

const newline = 10;
const sumBytes = 6;
const sumRange = 2 ** (8 * sumBytes);

/**
 * Counts rows and adds up their digests: the same for the same rows in whatever order they come, so that a table can be
 * compared with what was written of it. Lines may come cut anywhere.
 */
export class RowSum {
  rows = 0;
  #sum = 0;
  #cut: Buffer[] = [];

  add(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      const line = chunk.subarray(from, end);
      this.#addLine(this.#cut.length === 0 ? line : Buffer.concat([...this.#cut, line]));
      this.#cut = [];
      from = end + 1;
    }
    if (from < chunk.length) this.#cut.push(Buffer.from(chunk.subarray(from)));
  }

  #addLine(line: Buffer): void {
    this.rows += 1;
    this.#sum = (this.#sum + hash("sha256", line, "buffer").readUIntBE(0, sumBytes)) % sumRange;
  }

  get sum(): string {
    return this.#sum.toString(16).padStart(2 * sumBytes, "0");
  }
}

/** Why a file is no whole backup. Nothing has been changed by then. */
export class BackupFileError extends SetupError {
  constructor(file: string, reason: string, options: ErrorOptions = {}) {
    super(
      "bad_backup",
      `${file} can't be restored: ${reason}. Nothing was changed.`,
      "Take another backup; this file was cut off, altered, or is no backup of Lockstep.",
      options,
    );
  }
}
