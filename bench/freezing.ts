import { sql } from "kysely";
import { migrationsDirectory } from "../src/app.ts";
import type { AccountId } from "../src/domain/accounts/account.ts";
import type { InstanceId, MailingId } from "../src/domain/mailings/mailing.ts";
import { type FrozenValues, freezeAudience } from "../src/domain/mailings/publish/audience-store.ts";
import { refreshStatistics } from "../src/domain/syncs/difference-store.ts";
import type { Rule } from "../src/domain/target-groups/compound.rules.ts";
import type { GroupId } from "../src/domain/target-groups/target-group.ts";
import { Database, type Tx } from "../src/platform/database/database.ts";
import { startEmbedded } from "../src/platform/database/embedded.ts";
import { migrate } from "../src/platform/database/migrate.ts";
import { migrateJobs } from "../src/platform/jobs.ts";

const id = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
const account = id(1) as AccountId;
const mailing = id(2) as MailingId;
const groups = [11, 12, 13, 14, 15].map((number) => id(number) as GroupId);
const fields = ["first", "last", "city"];

/**
 * Freezes the recipients of a compound group of five groups that share nobody, with three values each, as a publish
 * does. @returns how many a second, and how many the database writes a second of the same rows with nothing to judge
 */
export async function measureFreezing(
  dataDir: string,
  people: number,
): Promise<{ readonly recipients: number; readonly perSecond: number; readonly limit: number }> {
  const server = await startEmbedded(dataDir);
  await migrate(server.config, migrationsDirectory);
  await migrateJobs(server.config);
  const db = new Database({ ...server.config, max: 2 }, () => {});
  try {
    await db.system((tx) => seed(tx, people));
    await db.transaction(account, (tx) => refreshStatistics(tx, people));
    const { seconds, result } = await timed(db, (tx) => freeze(tx, id(101) as InstanceId));
    const bare = await timed(db, (tx) =>
      sql`insert into recipient (account_id, instance_id, place, subscriber_id, email, email_key, "values")
        select account_id, ${id(102)}::uuid, place, subscriber_id, email, email_key, "values"
        from recipient where instance_id = ${id(101)} order by place`.execute(tx),
    );
    return {
      recipients: result.recipients,
      perSecond: result.recipients / seconds,
      limit: result.recipients / bare.seconds,
    };
  } finally {
    await db.close();
    await server.stop();
  }
}

function freeze(tx: Tx, instance: InstanceId) {
  const members = groups.map((group): Rule => ({ kind: "members", id: group }));
  const compound: Rule = {
    kind: "compound",
    include: { isAll: false, of: members },
    exclude: { isAll: false, of: [] },
  };
  const values: FrozenValues = { fields, syncs: [] };
  return freezeAudience(tx, account, { id: instance, mailingId: mailing }, { to: [compound], notTo: [] }, values, []);
}

async function timed<Result>(db: Database, work: (tx: Tx) => Promise<Result>) {
  const began = performance.now();
  const result = await db.transaction(account, work);
  return { result, seconds: (performance.now() - began) / 1000 };
}

async function seed(tx: Tx, people: number): Promise<void> {
  await sql`insert into account (id, name, time_zone, created_at) values (${account}, 'Freezing', 'UTC', now())`.execute(
    tx,
  );
  await sql`insert into mailing (account_id, id, name, created_at, created_by, updated_at, updated_by)
    values (${account}, ${mailing}, 'News', now(), 'bench', now(), 'bench')`.execute(tx);
  for (const [place, instance] of [101, 102].entries()) {
    await sql`insert into mailing_instance (account_id, id, mailing_id, name, state, content, open_tracking, published_at, published_by, due_at, finished_at)
      values (${account}, ${id(instance)}, ${mailing}, 'News', ${place === 0 ? "building" : "sent"}, '{}', 'off', now(), 'bench', now(),
        ${place === 0 ? null : sql`now()`})`.execute(tx);
  }
  await sql`insert into subscriber (account_id, id, remote_id, email, email_key, "values", created_at, updated_at)
    select ${account}::uuid, n, 'key ' || n, a.address, a.address,
      jsonb_build_object('first', 'First' || n % 997, 'last', 'Last' || n % 9973, 'city', 'City' || n % 101), now(), now()
    from generate_series(1, ${people}::int) n, lateral (select md5(n::text) || '@example.org' as address) a`.execute(
    tx,
  );
  for (const [place, group] of groups.entries()) {
    const sync = id(21 + place);
    await sql`insert into target_group (account_id, id, kind, name, created_at)
      values (${account}, ${group}, 'static', ${`Group ${place}`}, now())`.execute(tx);
    await sql`insert into sync (account_id, id, group_id, kind, state, trigger, requested_by, priority, requested_at, finished_at)
      values (${account}, ${sync}, ${group}, 'upload', 'succeeded', 'upload', 'bench', 20, now(), now())`.execute(tx);
    await sql`insert into membership (account_id, group_id, subscriber_id, added_by)
      select ${account}::uuid, ${group}::uuid, n, ${sync}::uuid from generate_series(1, ${people}::int) n
      where n % ${groups.length}::int = ${place}::int`.execute(tx);
  }
}
