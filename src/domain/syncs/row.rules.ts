import { hash } from "node:crypto";
import type { FieldName, Individual } from "../../connectors/connector.ts";
import { addressKey } from "../subscribers/address.rules.ts";

export type RejectReason =
  | "key_missing"
  | "key_malformed"
  | "flag_malformed"
  | "without_address"
  | "malformed_address"
  | "duplicate_address"
  | "duplicate_key"
  /** The person was erased on request: nothing of the row is kept but that it came. (product 2.6) */
  | "erased";

/** Which reasons make up each step of Count Details that takes rows away. (product 1.6) */
export const reasonsOfStep = {
  unusable: ["key_missing", "key_malformed", "flag_malformed", "erased"],
  without_address: ["without_address"],
  malformed_address: ["malformed_address"],
  duplicate: ["duplicate_address", "duplicate_key"],
} as const satisfies Record<string, readonly RejectReason[]>;

/** One row as it is staged: usable, or with the reason why it isn't. */
export interface StagedRow {
  readonly remoteId: string;
  readonly email: string;
  readonly emailKey: string;
  readonly doNotEmail: boolean;
  /** JSON object of the kept fields that have a value. */
  readonly values: string;
  /** Digest of all that the AMS says of the person and is kept: equal digests need no write. */
  readonly rowHash: string;
  readonly reason: RejectReason | null;
}

/** Longer text of a row that can't be used is cut: it is kept to be looked at, not to be worked with. */
const longestKept = 1000;

/** A row's verdict: usable with the form its address is compared in, or why not. */
export type RowCheck =
  | { readonly reason: null; readonly emailKey: string }
  | { readonly reason: RejectReason; readonly emailKey: null };

/**
 * Judges one row. (product 1.7, 2.1)
 * @param previousKey key of the row before: rows come in the AMS's key order, so a key that comes twice stands side by side
 */
export function checkRow(row: Individual, previousKey: string): RowCheck {
  if (row.fault) return { reason: row.fault, emailKey: null };
  if (row.remoteId === previousKey) return { reason: "duplicate_key", emailKey: null };
  const emailKey = addressKey(row.email);
  if (emailKey !== null) return { reason: null, emailKey };
  return { reason: row.email.trim() === "" ? "without_address" : "malformed_address", emailKey };
}

/**
 * Judges one row and puts it in its stored form.
 * @param prefixes what `JSON.stringify` makes of each field's name and the colon, in the order of the row's values
 * @param previousKey as `checkRow` wants it
 */
export function stageRow(row: Individual, prefixes: readonly string[], previousKey: string): StagedRow {
  const { reason, emailKey } = checkRow(row, previousKey);
  if (reason !== null) {
    return {
      remoteId: row.remoteId.slice(0, longestKept),
      email: row.email.slice(0, longestKept),
      emailKey: "",
      doNotEmail: false,
      values: "{}",
      rowHash: "",
      reason,
    };
  }
  const email = row.email.trim();
  const values = valuesJson(row.values, prefixes);
  const rowHash = hash("md5", `${row.doNotEmail ? 1 : 0}\n${email}\n${values}`, "hex");
  return { remoteId: row.remoteId, email, emailKey, doNotEmail: row.doNotEmail, values, rowHash, reason: null };
}

export function fieldPrefixes(fields: readonly FieldName[]): readonly string[] {
  return fields.map((field) => `${JSON.stringify(field)}:`);
}

function valuesJson(values: readonly (string | null)[], prefixes: readonly string[]): string {
  let json = "";
  for (let index = 0; index < prefixes.length; index += 1) {
    const value = values[index];
    if (value === null || value === undefined || value === "") continue;
    json += `${json === "" ? "" : ","}${prefixes[index]}${JSON.stringify(value)}`;
  }
  return `{${json}}`;
}

/**
 * The values of fields that aren't kept, which stand behind those of the kept ones: a mailing that waits asks for them.
 * They are no part of the row's digest: who is written to changes nobody. (product 2.5)
 * @param kept how many fields are kept
 * @param prefixes as `stageRow` wants them, of the further fields
 */
export function extraJson(row: Individual, kept: number, prefixes: readonly string[]): string {
  return valuesJson(row.values.slice(kept), prefixes);
}

/**
 * The row as a line of PostgreSQL's COPY text format: tabs between, backslash escapes, `\N` for null.
 * @param extra values of fields that aren't kept, where the sync reads any: a column more
 */
export function copyLine(sequence: number, row: StagedRow, extra?: string): string {
  const hashCell = row.rowHash === "" ? "\\N" : row.rowHash;
  return `${sequence}\t${copyText(row.remoteId)}\t${copyText(row.email)}\t${copyText(row.emailKey)}\t${
    row.doNotEmail ? "t" : "f"
  }\t${copyText(row.values)}\t${hashCell}\t${row.reason ?? "\\N"}${extra === undefined ? "" : `\t${copyText(extra)}`}\n`;
}

const needsEscape = /[\\\t\n\r\0]/;

function copyText(text: string): string {
  if (!needsEscape.test(text)) return text;
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("\t", "\\t")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\0", "\uFFFD");
}
