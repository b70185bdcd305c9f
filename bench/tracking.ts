import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { Pool } from "undici";
import { linksOf } from "../src/domain/mailings/links.ts";
import type { InstanceId } from "../src/domain/mailings/mailing.ts";
import { createSecretBox, loadOrCreateKey } from "../src/platform/secrets.ts";
import { type LockstepProcess, percentile } from "./processes.ts";

const recipients = 20_000;
const instance = "0190b2f0-0000-7000-8000-000000000001" as InstanceId;
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/** An instance that was sent an hour ago, behind a program that runs; opens are recorded person by person. */
async function seedInstance(client: pg.Client): Promise<void> {
  await client.query(
    `insert into mailing (account_id, id, name, state, created_at, created_by, updated_at, updated_by)
       select id, '${instance}', 'Bench', 'sent', now(), 'bench', now(), 'bench' from account;
     insert into mailing_instance (account_id, id, mailing_id, name, state, content, open_tracking, published_at, published_by,
         due_at, finished_at, recipients)
       select id, '${instance}', '${instance}', 'Bench', 'sent', '{}', 'person', now(), 'bench', now(), now(), ${recipients} from account;
     insert into instance_link (account_id, instance_id, place, url)
       select id, '${instance}', 0, 'https://example.org/' from account;
     insert into recipient (account_id, instance_id, place, subscriber_id, email, email_key, state, sent_at, handed_over_at)
       select a.id, '${instance}', n, n, 'p' || n || '@example.org', 'p' || n || '@example.org', 'sent',
         now() - interval '1 hour', now() - interval '1 hour' from account a, generate_series(1, ${recipients}) n;
     analyze recipient`,
  );
}

/**
 * Opens and clicks at an even pace, whatever the answers take; each is timed from when it was due.
 * @returns the 99th percentile in ms, how many were answered wrongly, and how many are not in the database
 */
export async function trackActivity(app: LockstepProcess, dataDir: string, perSecond: number, seconds: number) {
  const client = new pg.Client({ host: join(dataDir, "postgres", "socket"), user: "postgres", database: "lockstep" });
  await client.connect();
  await seedInstance(client);
  const ctx = { secrets: createSecretBox(loadOrCreateKey(undefined, join(dataDir, "secret.key"))), publicUrl: app.url };
  const visits = Array.from({ length: perSecond * seconds }, (_, at) => {
    const links = linksOf(ctx, { instance, place: 1 + Math.floor(at / 2) });
    return at % 2 === 0 ? { path: links.click(0), status: 302 } : { path: links.open, status: 200 };
  });
  const pool = new Pool(app.url, { connections: 128, pipelining: 1 });
  const times: number[] = [];
  let wrong = 0;
  const visit = async (due: number, { path, status }: (typeof visits)[number]) => {
    const { pathname } = new URL(path);
    const answer = await pool.request({ path: pathname, method: "GET", headers: { "user-agent": firefox } });
    await answer.body.dump();
    times.push(performance.now() - due);
    if (answer.statusCode !== status) wrong += 1;
  };
  const began = performance.now();
  const running: Promise<void>[] = [];
  for (const [at, one] of visits.entries()) {
    const due = began + (at * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    running.push(visit(due, one));
  }
  await Promise.all(running);
  const took = (performance.now() - began) / 1000;
  const { rows } = await client.query<{ recorded: string }>(
    "select count(*) as recorded from mailing_activity where place is not null and not is_automatic",
  );
  await pool.close();
  await client.end();
  return {
    p99: percentile(times, 0.99),
    perSecond: visits.length / took,
    wrong,
    lost: visits.length - Number(rows[0]?.recorded),
  };
}
