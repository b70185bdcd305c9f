import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { startSink } from "./delivery.ts";
import { mailContent, valuesOf } from "./delivery-data.ts";
import { lockstep, startLockstep } from "./processes.ts";

const instance = "0190b2f0-0000-7000-8000-000000000001";

/** An audience as publishing freezes it, that waits to be sent to. */
async function seedRecipients(client: pg.Client, recipients: number): Promise<void> {
  const content = JSON.stringify(mailContent).replaceAll("'", "''");
  const values = JSON.stringify(valuesOf(1)).replaceAll("'", "''");
  await client.query(
    `insert into subscriber (account_id, id, email, email_key, created_at, updated_at)
       select a.id, n, 'p' || n || '@example.org', 'p' || n || '@example.org', now(), now()
       from account a, generate_series(1, ${recipients}) n;
     insert into mailing (account_id, id, name, state, created_at, created_by, updated_at, updated_by)
       select id, '${instance}', 'Bench', 'in_progress', now(), 'bench', now(), 'bench' from account;
     insert into mailing_instance (account_id, id, mailing_id, name, state, content, open_tracking, published_at,
         published_by, due_at, sending_at, recipients)
       select id, '${instance}', '${instance}', 'Bench', 'sending', '${content}', 'off', now(), 'bench', now(), now(),
         ${recipients} from account;
     insert into recipient (account_id, instance_id, place, subscriber_id, email, email_key, "values")
       select a.id, '${instance}', n, n, 'p' || n || '@example.org', 'p' || n || '@example.org', '${values}'
       from account a, generate_series(1, ${recipients}) n`,
  );
  await client.query("analyze subscriber; analyze recipient");
}

export interface SendingMemory {
  /** When a tenth was sent, and the largest after that. */
  readonly earlyMb: number;
  readonly peakMb: number;
  readonly perSecond: number;
  readonly sent: number;
}

/** Sends to so many through the whole program, database and all, and watches its memory. */
export async function watchSending(dataDir: string, recipients: number): Promise<SendingMemory> {
  const sink = await startSink();
  lockstep(dataDir, "account", "create", "Bench", "--zone", "UTC");
  const key = lockstep(dataDir, "api-key", "create", "bench");
  const app = await startLockstep(dataDir, () => key, "serve", { LOCKSTEP_SMTP_URL: `smtp://127.0.0.1:${sink.port}` });
  const client = new pg.Client({ host: join(dataDir, "postgres", "socket"), user: "postgres", database: "lockstep" });
  try {
    await app.api("POST", "/sending-domains", { name: "example.org" });
    await client.connect();
    await seedRecipients(client, recipients);
    const began = performance.now();
    let earlyMb = 0;
    let peakMb = 0;
    for (;;) {
      await wait(1000);
      const size = app.sizeMb();
      const sent = await app.metric("lockstep_mail_total");
      if (sent < recipients / 10) earlyMb = Math.max(earlyMb, size);
      peakMb = Math.max(peakMb, size);
      const { rows } = await client.query("select state from mailing_instance");
      if (rows[0].state !== "sending") break;
    }
    const perSecond = recipients / ((performance.now() - began) / 1000);
    const { rows } = await client.query("select count(*)::int as sent from recipient where state = 'sent'");
    return { earlyMb, peakMb, perSecond, sent: rows[0].sent };
  } finally {
    await client.end();
    await app.stop();
    sink.stop();
  }
}
