import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { migrationsDirectory } from "../src/app.ts";
import { startEmbedded } from "../src/platform/database/embedded.ts";
import { migrate } from "../src/platform/database/migrate.ts";
import { migrateJobs } from "../src/platform/jobs.ts";

/**
 * What the database itself needs for a first sync: the same rows from a prepared file into the same tables with the
 * same indexes and constraints — COPY, merge, membership, nothing else. @returns seconds of each
 */
export async function measureDatabase(
  dataDir: string,
  file: string,
): Promise<{ copy: number; merge: number; membership: number }> {
  const server = await startEmbedded(dataDir);
  await migrate(server.config, migrationsDirectory);
  await migrateJobs(server.config);
  const client = new pg.Client(server.config as pg.ClientConfig);
  await client.connect();
  const id = (digit: number) => `00000000-0000-7000-8000-00000000000${digit}`;
  const timed = async (run: () => Promise<unknown>) => {
    const began = performance.now();
    await run();
    return (performance.now() - began) / 1000;
  };
  try {
    await client.query(`
      insert into account values ('${id(1)}', 'limit', 'UTC', now());
      insert into bridge (account_id, id, connector, base_url, user_name, password_sealed, created_at, updated_at) values ('${id(1)}', '${id(2)}', 'x', 'x', 'x', '', now(), now());
      insert into folder values ('${id(1)}', '${id(3)}', null, 'f', now());
      insert into target_group (account_id, id, folder_id, kind, bridge_id, query_key, name, created_at) values ('${id(1)}', '${id(4)}', '${id(3)}', 'bridge', '${id(2)}', 'k', 'g', now());
      insert into sync (account_id, id, bridge_id, group_id, kind, state, trigger, requested_by, priority, requested_at) values ('${id(1)}', '${id(5)}', '${id(2)}', '${id(4)}', 'subscriber', 'applying', 'cli', 'x', 1, now());
      create unlogged table staged (sequence int, remote_id text collate "C", email text, email_key text collate "C", do_not_email boolean, "values" text, row_hash uuid, reason text) with (autovacuum_enabled = off)`);
    const copy = await timed(() =>
      pipeline(
        createReadStream(file, { highWaterMark: 1024 * 1024 }),
        client.query(copyFrom("copy staged from stdin")),
      ),
    );
    await client.query("analyze staged; set work_mem = '128MB'");
    const merge = await timed(() =>
      client.query(`insert into subscriber (account_id, remote_id, email, email_key, "values", do_not_email, row_hash, created_at, updated_at)
        select '${id(1)}', remote_id, email, email_key, "values"::jsonb, do_not_email, row_hash, now(), now() from staged where reason is null
        on conflict (account_id, email_key, remote_id) do update set email = excluded.email where subscriber.row_hash is distinct from excluded.row_hash`),
    );
    const membership = await timed(() =>
      client.query(`insert into membership (account_id, group_id, subscriber_id, added_by)
        select '${id(1)}', '${id(4)}', s.id, '${id(5)}' from staged st join subscriber s on s.account_id = '${id(1)}' and s.email_key = st.email_key and s.remote_id = st.remote_id where st.reason is null`),
    );
    return { copy, merge, membership };
  } finally {
    await client.end();
    await server.stop();
  }
}
