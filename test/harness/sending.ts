import { sql } from "kysely";
import { deliver } from "../../src/domain/mailings/delivery/deliver.ts";
import { sweepDeliveries } from "../../src/domain/mailings/delivery/sweep-deliveries.ts";
import type { FrozenContent } from "../../src/domain/mailings/frozen-content.ts";
import type { InstanceId, MailingId } from "../../src/domain/mailings/mailing.ts";
import type { RecipientState } from "../../src/domain/mailings/recipient.ts";
import { newId } from "../../src/platform/ids.ts";
import type { World } from "./world.ts";

export const plainContent: FrozenContent = {
  fromName: "Association of Tests",
  fromAddress: "news@example.org",
  replyTo: "",
  subject: ["News for ", { kind: "field", field: "first", template: '{{ value | default: "you" }}', place: "subject" }],
  html: ["<p>Hello ", { kind: "field", field: "first", template: "{{ value }}", place: "html" }, "</p>"],
  text: ["Hello ", { kind: "field", field: "first", template: "{{ value }}", place: "text" }],
  links: [],
  fields: ["first"],
};

export interface SendingOptions {
  readonly content?: FrozenContent;
  readonly values?: Readonly<Record<string, string>>;
}

export interface Shown {
  readonly place: number;
  readonly email: string;
  readonly state: RecipientState;
  readonly tries: number;
  readonly dueAt: Temporal.Instant | null;
  readonly replyCode: number | null;
  readonly reply: string | null;
  readonly bounceKind: string | null;
}

/** An instance that is being sent, with what tests do with it. */
export interface Sending {
  readonly id: InstanceId;
  /** One run of one process. @param processId another process than the world's own */
  deliver(processId?: string, signal?: AbortSignal): Promise<void>;
  sweep(processId?: string): Promise<void>;
  recipients(): Promise<readonly Shown[]>;
  /** How many recipients are in each state. */
  counts(): Promise<Readonly<Partial<Record<RecipientState, number>>>>;
  /** The instance's own state, and why it is held. */
  state(): Promise<{ readonly state: string; readonly holdKind: string | null; readonly holdMessage: string | null }>;
  setState(state: "sending" | "paused" | "cancelled"): Promise<void>;
}

/** Makes an instance as publishing leaves it: frozen recipients that wait, one for each address. */
export async function createSending(
  world: World,
  addresses: readonly string[],
  { content = plainContent, values = { first: "Ann" } }: SendingOptions = {},
): Promise<Sending> {
  const { ctx } = world.own;
  const { accountId: account } = ctx;
  const id = newId<InstanceId>();
  const mailing = newId<MailingId>();
  const now = world.clock.now();
  await ctx.db.transaction(account, async (tx) => {
    await sql`insert into mailing (account_id, id, name, state, created_at, created_by, updated_at, updated_by)
      values (${account}, ${mailing}, 'News', 'in_progress', ${now}, 'test', ${now}, 'test')`.execute(tx);
    await sql`insert into mailing_instance (account_id, id, mailing_id, name, state, content, open_tracking, published_at,
        published_by, due_at, sending_at, recipients)
      values (${account}, ${id}, ${mailing}, 'News', 'sending', ${JSON.stringify(content)}::jsonb, 'person', ${now}, 'test',
        ${now}, ${now}, ${addresses.length})`.execute(tx);
    await sql`with people as (
        select row_number() over () as place, email, split_part(email, '@', 1) || '@' || lower(split_part(email, '@', 2)) as key
        from unnest(${addresses}::text[]) email
      ), added as (
        insert into subscriber (account_id, remote_id, email, email_key, created_at, updated_at)
        select ${account}, ${id} || '-' || place, email, lower(key), ${now}, ${now} from people returning id, remote_id)
      insert into recipient (account_id, instance_id, place, subscriber_id, email, email_key, "values")
      select ${account}, ${id}, p.place, a.id, p.email, lower(p.key), ${JSON.stringify(values)}::jsonb
      from people p join added a on a.remote_id = ${id} || '-' || p.place`.execute(tx);
  });
  const own = newId();
  const select = <Row>(query: ReturnType<typeof sql<Row>>) => world.query(query);
  return {
    id,
    async deliver(processId = own, signal = new AbortController().signal) {
      await deliver(ctx, id, { processId, signal });
    },
    sweep: (processId = own) => sweepDeliveries(world.ctx, processId),
    recipients: () =>
      select(sql<Shown>`select place, email, state, tries, due_at as "dueAt", reply_code as "replyCode", reply,
        bounce_kind as "bounceKind" from recipient where instance_id = ${id} order by place`),
    async counts() {
      const rows = await select(sql<{ state: RecipientState; count: number }>`
        select state, count(*) from recipient where instance_id = ${id} group by state order by state`);
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
    async state() {
      const [row] = await select(sql<{ state: string; holdKind: string | null; holdMessage: string | null }>`
        select state, hold_kind as "holdKind", hold_message as "holdMessage" from mailing_instance where id = ${id}`);
      return row ?? { state: "missing", holdKind: null, holdMessage: null };
    },
    async setState(state) {
      await select(sql`update mailing_instance set state = ${state}, hold_kind = null, hold_message = null,
        resumes_in = case when ${state} = 'paused' then 'sending' end,
        finished_at = case when ${state} = 'cancelled' then now() end where id = ${id}`);
      if (state === "sending")
        await select(sql`insert into instance_event (account_id, instance_id, at, state, message)
          values (${account}, ${id}, ${world.clock.now()}, 'sending', 'Resumed')`);
    },
  };
}

export const many = (count: number, name = "person", domain = "example.org") =>
  Array.from({ length: count }, (_, at) => `${name}.${at + 1}@${domain}`);
