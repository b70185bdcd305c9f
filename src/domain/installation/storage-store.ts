import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Months } from "./storage.rules.ts";

/** A table of accounts' rows, and the column that says when a row is of, if there is one. */
export interface CountedTable {
  readonly name: string;
  readonly timeColumn: string | null;
}

/** What says when a row is of: the first that a table has. */
const timeColumns = ["at", "created_at", "requested_at", "published_at", "decided_at", "asked_at", "started_at"];

/** Every table whose rows belong to accounts. */
export async function selectCountedTables(tx: Tx): Promise<readonly CountedTable[]> {
  const { rows } = await sql<CountedTable>`
    select c.relname as name, (
      select a.attname from pg_attribute a join unnest(${timeColumns}::text[]) with ordinality t(name, place) on t.name = a.attname
      where a.attrelid = c.oid and a.atttypid = 'timestamptz'::regtype and not a.attisdropped order by t.place limit 1) as "timeColumn"
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'stored_rows'
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped)
    order by 1`.execute(tx);
  return rows;
}

/** Counts a table for every account at once: one pass over it, at night. */
export async function countRows(tx: Tx, { name, timeColumn }: CountedTable, now: Temporal.Instant): Promise<void> {
  const at = timeColumn === null ? sql`null::timestamptz` : sql.ref(timeColumn);
  await sql`
    with counted as (
      select account_id, to_char(${at}, 'YYYY-MM') as month, count(*) as rows, min(${at}) as oldest_at, max(${at}) as newest_at
      from ${sql.table(name)} where account_id is not null group by 1, 2)
    insert into stored_rows (account_id, table_name, counted_at, rows, oldest_at, newest_at, months)
    select account_id, ${name}, ${now}, sum(rows), min(oldest_at), max(newest_at),
      coalesce(jsonb_object_agg(month, rows) filter (where month is not null), '{}')
    from counted group by account_id
    on conflict (account_id, table_name) do update set counted_at = excluded.counted_at, rows = excluded.rows,
      oldest_at = excluded.oldest_at, newest_at = excluded.newest_at, months = excluded.months`.execute(tx);
  await sql`delete from stored_rows where table_name = ${name} and counted_at < ${now}`.execute(tx);
}

export interface TableSize {
  readonly name: string;
  /** With its indexes, and what is stored beside it. */
  readonly bytes: number;
}

/** What the disk says now: the sizes of files, no row is looked at. Tables of reads and of the job engine are summed up. */
export async function selectTableSizes(tx: Tx): Promise<readonly TableSize[]> {
  const { rows } = await sql<TableSize>`
    select case n.nspname when 'public' then c.relname when 'staging' then 'staging' when 'graphile_worker' then 'jobs'
        else n.nspname || '.' || c.relname end as name, sum(pg_total_relation_size(c.oid))::bigint as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'operation', 'throttle', 'staging', 'graphile_worker') and c.relkind = 'r'
    group by 1 order by 2 desc, 1`.execute(tx);
  return rows;
}

export async function selectDatabaseSize(tx: Tx): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`.execute(tx);
  return rows[0]?.bytes ?? 0;
}

/** @returns whether this night was nobody's yet; one that was begun an hour ago and never ended is begun anew */
export async function beginMeasurement(tx: Tx, date: string, now: Temporal.Instant): Promise<boolean> {
  const result = await sql`insert into operation.measurement as m (date, started_at) values (${date}::date, ${now})
    on conflict (date) do update set started_at = excluded.started_at
      where m.finished_at is null and m.started_at < ${now}::timestamptz - interval '1 hour'`.execute(tx);
  return result.numAffectedRows === 1n;
}

/** Writes down how large every table is tonight; nights of more than two years ago go. */
export async function endMeasurement(tx: Tx, date: string, sizes: readonly TableSize[], now: Temporal.Instant) {
  await sql`insert into operation.table_size (date, table_name, bytes, rows)
    select ${date}::date, s.name, s.bytes, coalesce((select sum(r.rows) from stored_rows r where r.table_name = s.name), 0)
    from unnest(${sizes.map(({ name }) => name)}::text[], ${sizes.map(({ bytes }) => bytes)}::bigint[]) s(name, bytes)
    on conflict (date, table_name) do update set bytes = excluded.bytes, rows = excluded.rows`.execute(tx);
  await sql`update operation.measurement set finished_at = ${now} where date = ${date}::date`.execute(tx);
  await sql`delete from operation.measurement where date < ${date}::date - 730`.execute(tx);
}

/** Rows of one account in one table, as they were counted last. */
export interface StoredRows {
  readonly accountId: AccountId;
  readonly table: string;
  readonly countedAt: Temporal.Instant;
  readonly rows: number;
  readonly oldestAt: Temporal.Instant | null;
  readonly newestAt: Temporal.Instant | null;
  readonly months: Months;
}

export async function selectStoredRows(tx: Tx): Promise<readonly StoredRows[]> {
  const { rows } =
    await sql<StoredRows>`select account_id as "accountId", table_name as "table", counted_at as "countedAt",
    rows, oldest_at as "oldestAt", newest_at as "newestAt", months from stored_rows`.execute(tx);
  return rows;
}

/** The size of all tables together on each night that was measured, the oldest first. */
export async function selectSizeHistory(tx: Tx): Promise<readonly { readonly date: string; readonly bytes: number }[]> {
  const { rows } = await sql<{ date: string; bytes: number }>`
    select s.date, sum(s.bytes)::bigint as bytes from operation.table_size s group by s.date order by s.date`.execute(
    tx,
  );
  return rows;
}

/** How large each table was on the last night before a day, or on the first night there is. */
export async function selectSizesBefore(tx: Tx, date: string): Promise<readonly TableSize[]> {
  const { rows } = await sql<TableSize>`select table_name as name, bytes from operation.table_size
    where date = coalesce((select max(date) from operation.measurement where finished_at is not null and date <= ${date}::date),
      (select min(date) from operation.measurement where finished_at is not null))`.execute(tx);
  return rows;
}
