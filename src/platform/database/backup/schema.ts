import type pg from "pg";

/** A table whose rows are ours to keep, its names quoted. */
export interface BackupTable {
  /** `public.subscriber` */
  readonly name: string;
  readonly quoted: string;
  readonly columns: readonly string[];
  /** Row-level security holds its owner too. */
  readonly isForced: boolean;
}

/** Where our tables are. Staging is made by each read, throttling and jobs are of the moment. */
const schemas = ["public", "operation"];

/** Tables, those that last, in the order of their names. Partitions go with their table. */
export async function selectTables(client: pg.Client): Promise<readonly BackupTable[]> {
  const { rows } = await client.query<BackupTable>(
    `select n.nspname || '.' || c.relname as name, format('%I.%I', n.nspname, c.relname) as quoted,
       c.relforcerowsecurity as "isForced",
       array(select quote_ident(a.attname) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition
     order by 1`,
    [schemas],
  );
  return rows;
}

/** A foreign key, with what makes it again. */
export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

export async function selectForeignKeys(client: pg.Client): Promise<readonly ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(
    `select c.conrelid::regclass::text as table, quote_ident(c.conname) as name, pg_get_constraintdef(c.oid) as definition
     from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
     where c.contype = 'f' and c.conparentid = 0 and n.nspname = any($1) order by 1, 2`,
    [schemas],
  );
  return rows;
}

/** An index that no constraint stands on, with what makes it again. */
export interface PlainIndex {
  readonly name: string;
  readonly definition: string;
}

export async function selectPlainIndexes(client: pg.Client): Promise<readonly PlainIndex[]> {
  const { rows } = await client.query<PlainIndex>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and not c.relispartition
       and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')) order by 1`,
    [schemas],
  );
  return rows;
}

/** Statements that put each sequence where it stands. Asked for last: a sequence may be ahead of the rows, never behind. */
export async function selectSequences(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ statement: string }>(
    `select format('select setval(%L, %s, true);', format('%I.%I', schemaname, sequencename), last_value) as statement
     from pg_sequences where schemaname = any($1) and last_value is not null order by schemaname, sequencename`,
    [schemas],
  );
  return rows.map(({ statement }) => statement);
}

export async function selectMigrations(client: pg.Client) {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    "select name, checksum from lockstep_migration order by name",
  );
  return rows;
}
