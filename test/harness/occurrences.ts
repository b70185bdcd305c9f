import { onServer } from "./postgres.ts";
import type { World } from "./world.ts";

/**
 * Where a text stands in the database: `table.column` of every text, JSON and bytes column of every table, staged rows
 * and the job engine's own tables among them, without regard to case.
 */
export function occurrencesOf({ database }: Pick<World, "database">, text: string): Promise<readonly string[]> {
  return onServer(database, async (client) => {
    const { rows: columns } = await client.query<{ place: string; name: string; value: string }>(`
      select format('%I.%I', n.nspname, c.relname) as place, c.relname || '.' || a.attname as name,
        case when a.atttypid = 'bytea'::regtype then format('encode(%I, ''escape'')', a.attname) else format('%I::text', a.attname) end as value
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
        and a.atttypid::regtype::text in ('text', 'text[]', 'jsonb', 'json', 'character varying', 'bytea')
      order by 2`);
    const found: string[] = [];
    for (const { place, name, value } of columns) {
      const { rowCount } = await client.query(
        `select from ${place} where strpos(lower(${value}), lower($1)) > 0 limit 1`,
        [text],
      );
      if (rowCount) found.push(name);
    }
    return found;
  });
}
