import { stat } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** As SQL: the server's own number, given by initdb, and the database's number on it. */
export const whereSql =
  "(select system_identifier from pg_control_system()) || '/' || (select oid from pg_database where datname = current_database())";

/**
 * What tells the folder of an embedded database from a copy of it: a file that is written once, by its number on the
 * disk. A folder that is moved keeps it, one that is copied has another.
 */
export async function describeFolder(database: pg.PoolConfig): Promise<string> {
  const client = new pg.Client(database as pg.ClientConfig);
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query("select current_setting('data_directory') as folder");
    const { ino } = await stat(join(rows[0].folder, "PG_VERSION"), { bigint: true });
    return ino.toString();
  } finally {
    await client.end();
  }
}
