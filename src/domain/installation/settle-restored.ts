import type pg from "pg";
import { whereSql } from "../../platform/database/place.ts";

/**
 * What a database that has just been loaded must not go on with as if nothing had happened, in the transaction that
 * loads it: by the rights of its owner, before any role of ours looks at it. (product 6.3, 4.4)
 * @param madeAt when the backup was made
 */
export async function settleRestored(client: pg.Client, madeAt: string, now: Temporal.Instant): Promise<void> {
  const reason = `This database was restored from a backup of ${madeAt.slice(0, 16).replace("T", " ")} UTC. What its original sent and wrote back since then is not known here.`;
  await client.query(
    `insert into operation.installation (place, seen_at, paused_at, paused_reason) values (${whereSql}, $1, $1, $2)`,
    [now.toString(), reason],
  );
  await settleErasures(client, madeAt);
  // Whoever was written to after the backup was made looks as if they hadn't been: a person decides, mailing by mailing.
  await client.query(
    `with paused as (
       update mailing_instance set resumes_in = state, state = 'paused', retry_at = null, version = version + 1
       where state in ('syncing', 'building', 'counting_down', 'sending') returning account_id, id)
     insert into instance_event (account_id, instance_id, at, state, message)
     select account_id, id, $1, 'paused', $2 from paused`,
    [
      now.toString(),
      `Paused: restored from a backup. Whoever got this mailing after the backup was made would get it again.`,
    ],
  );
  // No process of here has anybody in hand; who may have been written to is not written to again. (4.4)
  await client.query(
    `update recipient set state = case state when 'handing_over' then 'unsure' else 'waiting' end,
       claimed_by = case state when 'handing_over' then claimed_by end
     where state in ('claimed', 'handing_over')`,
  );
  // What a read had staged is in no backup. A held one has nothing left to apply.
  await client.query(
    `with lost as (
       update sync set state = 'failed', held_reason = null, finished_at = $1, run_by = null, error_kind = 'internal',
         error_message = 'What this held sync had read is in no backup: resync the group.'
       where state = 'held' returning account_id, id)
     insert into sync_event (account_id, sync_id, at, state, message)
     select account_id, id, $1, 'failed', 'Failed: restored from a backup, in which nothing that was read is kept' from lost`,
    [now.toString()],
  );
}

/** Whom the original erased since then is not known here. A backup from before there was a place for it gets it as it is brought up. */
async function settleErasures(client: pg.Client, madeAt: string): Promise<void> {
  const { rowCount } = await client.query(
    "select from pg_attribute where attrelid = 'operation.installation'::regclass and attname = 'erasures_unknown_since'",
  );
  if (rowCount) await client.query("update operation.installation set erasures_unknown_since = $1", [madeAt]);
}
