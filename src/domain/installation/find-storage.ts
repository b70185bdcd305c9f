import type { Account, AccountId } from "../accounts/account.ts";
import { listAccounts } from "../accounts/create-account.ts";
import type { Context } from "../context.ts";
import { bytesOf, type KeptSetting, rowsOlderThan, settingOf } from "./storage.rules.ts";
import {
  type StoredRows,
  selectDatabaseSize,
  selectSizeHistory,
  selectSizesBefore,
  selectStoredRows,
  selectTableSizes,
  type TableSize,
} from "./storage-store.ts";

const daysOfYear = 365;
const daysOfGrowth = 30;

/** Rows, and what they are likely to take. */
export interface Amount {
  readonly rows: number;
  readonly bytes: number;
}

export interface StoredTable extends TableSize {
  /** As counted last night; null of tables that are not accounts'. */
  readonly rows: number | null;
  readonly oldestAt: Temporal.Instant | null;
  readonly newestAt: Temporal.Instant | null;
  /** Bytes more than 30 nights ago, or than on the first night there is; null before the first. */
  readonly grewBytes: number | null;
  /** Of rows that know when they are of. */
  readonly olderThanYear: Amount;
  /** The setting that its rows go by; null where they stay. */
  readonly keptBy: KeptSetting | null;
}

export interface StoredAccount extends Amount {
  readonly id: AccountId;
  readonly name: string;
  /** What its settings free: rows that the next night removes. */
  readonly due: Amount;
  /** What it would free if all that goes by a setting were kept for a year. */
  readonly olderThanYear: Amount;
}

export interface Storage {
  /** When rows were last counted; null before the first night. Sizes are of now. */
  readonly countedAt: Temporal.Instant | null;
  readonly databaseBytes: number;
  /** The largest first. */
  readonly tables: readonly StoredTable[];
  readonly accounts: readonly StoredAccount[];
  /** All tables together, night by night. */
  readonly history: readonly { readonly date: string; readonly bytes: number }[];
}

/** How large everything is: sizes from the disk, rows as the last night counted them. */
export async function findStorage(ctx: Context): Promise<Storage> {
  const now = ctx.clock.now();
  const growthFrom = now.toZonedDateTimeISO("UTC").subtract({ days: daysOfGrowth }).toPlainDate().toString();
  const found = await ctx.db.system(async (tx) => ({
    sizes: await selectTableSizes(tx),
    stored: await selectStoredRows(tx),
    before: await selectSizesBefore(tx, growthFrom),
    history: await selectSizeHistory(tx),
    databaseBytes: await selectDatabaseSize(tx),
  }));
  const byTable = Map.groupBy(found.stored, ({ table }) => table);
  const before = new Map(found.before.map(({ name, bytes }) => [name, bytes]));
  const tables = found.sizes.map((size): StoredTable => {
    const own = byTable.get(size.name) ?? [];
    const rows = sum(own, (stored) => stored.rows);
    const old = sum(own, ({ months }) => rowsOlderThan(months, daysOfYear, now));
    return {
      ...size,
      rows: byTable.has(size.name) ? rows : null,
      oldestAt: least(own.map(({ oldestAt }) => oldestAt)),
      newestAt: most(own.map(({ newestAt }) => newestAt)),
      grewBytes: found.before.length === 0 ? null : size.bytes - (before.get(size.name) ?? 0),
      olderThanYear: { rows: old, bytes: bytesOf(old, { rows, bytes: size.bytes }) },
      keptBy: settingOf(size.name),
    };
  });
  const countedAt = most(found.stored.map((stored) => stored.countedAt));
  const accounts = sharesOf(await listAccounts(ctx), found.stored, tables, now);
  return { countedAt, databaseBytes: found.databaseBytes, tables, accounts, history: found.history };
}

/** What each account has of every table, the largest first. */
function sharesOf(
  accounts: readonly Account[],
  stored: readonly StoredRows[],
  tables: readonly StoredTable[],
  now: Temporal.Instant,
): readonly StoredAccount[] {
  const tableOf = new Map(tables.map((table) => [table.name, { rows: table.rows ?? 0, bytes: table.bytes }]));
  const byAccount = Map.groupBy(stored, ({ accountId }) => accountId);
  const shares = accounts.map((account): StoredAccount => {
    const own = byAccount.get(account.id) ?? [];
    const amount = (rowsOf: (one: StoredRows) => number): Amount => ({
      rows: sum(own, rowsOf),
      bytes: sum(own, (one) => bytesOf(rowsOf(one), tableOf.get(one.table) ?? { rows: 0, bytes: 0 })),
    });
    const older = (days: (setting: KeptSetting) => number | null) =>
      amount(({ table, months }) => {
        const setting = settingOf(table);
        const kept = setting && days(setting);
        return kept === null ? 0 : rowsOlderThan(months, kept, now);
      });
    return {
      id: account.id,
      name: account.name,
      ...amount(({ rows }) => rows),
      due: older((setting) => account[setting]),
      olderThanYear: older(() => daysOfYear),
    };
  });
  return shares.toSorted((one, other) => other.bytes - one.bytes);
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function least(instants: readonly (Temporal.Instant | null)[]): Temporal.Instant | null {
  return instants.filter((at) => at !== null).toSorted(Temporal.Instant.compare)[0] ?? null;
}

function most(instants: readonly (Temporal.Instant | null)[]): Temporal.Instant | null {
  return (
    instants
      .filter((at) => at !== null)
      .toSorted(Temporal.Instant.compare)
      .at(-1) ?? null
  );
}
