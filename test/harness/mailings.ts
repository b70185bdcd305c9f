import { sql } from "kysely";
import type { AccountContext } from "../../src/domain/context.ts";
import type { Instance } from "../../src/domain/mailings/instance.ts";
import type { InstanceId, MailingId } from "../../src/domain/mailings/mailing.ts";
import { findInstance } from "../../src/domain/mailings/publish/find-instances.ts";
import { goOnWithInstance } from "../../src/domain/mailings/publish/go-on.ts";
import { type Publishing, publishMailing } from "../../src/domain/mailings/publish/publish-mailing.ts";
import type { GroupId } from "../../src/domain/target-groups/target-group.ts";
import { newId } from "../../src/platform/ids.ts";
import { type Account, createWorld } from "./world.ts";

export interface MailingOptions {
  readonly to: readonly GroupId[];
  readonly notTo?: readonly GroupId[];
  readonly name?: string;
  readonly html?: string;
  readonly subject?: string;
  readonly ownerId?: string;
}

/** A mailing that is ready to be published, as an author would have left it. */
export async function addMailing({ ctx }: Account, options: MailingOptions): Promise<MailingId> {
  const id = newId<MailingId>();
  const { to, notTo = [], name = "News", subject = "What is new", ownerId = null } = options;
  const { html = '<p>Hello</p><p>{{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>' } = options;
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    await sql`update account set postal_address = '1 Example Street, Springfield' where id = ${ctx.accountId}`.execute(
      tx,
    );
    await sql`insert into mailing (account_id, id, name, from_name, from_address, subject, body_kind, body, owner_id,
        created_at, created_by, updated_at, updated_by)
      values (${ctx.accountId}, ${id}, ${name}, 'Association', 'news@example.org', ${subject}, 'html', ${html}, ${ownerId},
        ${ctx.clock.now()}, 'test', ${ctx.clock.now()}, 'test')`.execute(tx);
    for (const [side, groups] of Object.entries({ to, not_to: notTo })) {
      await sql`insert into mailing_group (account_id, mailing_id, group_id, side)
        select ${ctx.accountId}::uuid, ${id}::uuid, g, ${side} from unnest(${groups}::uuid[]) g`.execute(tx);
    }
  });
  return id;
}

/** Presses Publish on the mailing as it stands. */
export async function publish(own: Account, id: MailingId, options: Partial<Publishing> = {}): Promise<Instance> {
  return (await publishMailing(own.ctx, id, { version: 1, ...options })).instance;
}

/** Runs what waits — syncs, then the publish — until nothing moves without the clock. */
export async function goOn(own: Account, id: InstanceId): Promise<Instance> {
  for (let before = ""; ; ) {
    await goOnWithInstance(own.ctx, id);
    const { instance } = await findInstance(own.ctx, id);
    const now = `${instance.state} ${instance.syncRound}`;
    if (now === before) return instance;
    before = now;
    await own.workAll();
  }
}

/** Publishes and goes on until the audience stands, a person is asked, or a time must come. */
export async function publishAndGoOn(own: Account, options: MailingOptions & Partial<Publishing>): Promise<Instance> {
  return goOn(own, (await publish(own, await addMailing(own, options), options)).id);
}

/** A publishing that is over, for whatever refers to one. @returns its id */
export async function addInstance(ctx: AccountContext): Promise<InstanceId> {
  const [mailing, instance] = [newId<MailingId>(), newId<InstanceId>()];
  const now = ctx.clock.now();
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    await sql`insert into mailing (account_id, id, name, state, created_at, created_by, updated_at, updated_by)
      values (${ctx.accountId}, ${mailing}, 'Past', 'sent', ${now}, 'test', ${now}, 'test')`.execute(tx);
    await sql`insert into mailing_instance (account_id, id, mailing_id, name, state, content, open_tracking, published_at,
        published_by, due_at, finished_at)
      values (${ctx.accountId}, ${instance}, ${mailing}, 'Past', 'sent', '{}', 'off', ${now}, 'test', ${now}, ${now})`.execute(
      tx,
    );
  });
  return instance;
}

/** A world whose list is read, with its two groups, of which nothing is counted yet. */
export async function readyToPublish(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options);
  const { own } = world;
  await own.listSync();
  const everybody = (await own.group("Everybody")).id;
  const board = (await own.group("Board")).id;
  return { ...world, own, everybody, board };
}

/** What an instance's story says, from its beginning. */
export const messagesOf = async (own: Account, id: InstanceId) =>
  (await findInstance(own.ctx, id)).events.map(({ message }) => message);
