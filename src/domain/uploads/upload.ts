import type { SyncId } from "../syncs/sync.ts";
import type { Delimiter, Encoding } from "./guess.rules.ts";

export type UploadId = string & { readonly __brand: "UploadId" };

/** How a file's bytes are read as rows of cells. */
export interface Dialect {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  /** The first row names the columns. */
  readonly hasHeader: boolean;
}

/** Which cells are what: places of columns, from 0. */
export interface Columns {
  readonly email: number;
  /** By field name; only fields that are kept. */
  readonly fields: Readonly<Record<string, number>>;
}

/** All that an import needs to know of a file. */
export interface Reading extends Dialect {
  readonly columns: Columns;
  /** Replace: who isn't in the file leaves the group. Add: nobody leaves. */
  readonly mode: "replace" | "add";
}

/** A file as it was received. */
export interface Upload {
  readonly id: UploadId;
  readonly fileName: string;
  readonly createdAt: Temporal.Instant;
  readonly createdBy: string;
  readonly bytes: number;
  readonly isComplete: boolean;
  readonly reading: Reading | null;
  /** The sync that imports it. */
  readonly syncId: SyncId | null;
}
