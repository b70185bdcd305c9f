import { sql } from "kysely";
import type { AccountContext } from "../../src/domain/context.ts";
import type { InstanceId } from "../../src/domain/mailings/mailing.ts";

/** What became of a recipient, by place. */
export interface Answering {
  readonly place: number;
  readonly state: string;
  readonly bounceKind: string | null;
  readonly opened: boolean;
  readonly clicked: boolean;
  readonly unsubscribed: boolean;
  readonly complained: boolean;
}

export interface Visit {
  readonly place: number | null;
  readonly kind: "open" | "click";
  readonly link: number | null;
  readonly isAutomatic: boolean;
  /** Minutes after the first mail. */
  readonly minute: number;
}

/** Lets recipients of an instance have answered so, past everything that judges: for what counts answers. */
export async function answer(
  ctx: AccountContext,
  id: InstanceId,
  people: readonly Answering[],
  visits: readonly Visit[],
): Promise<void> {
  await ctx.db.transaction(ctx.accountId, async (tx) => {
    await sql`
      update recipient r set state = a.state, bounce_kind = a."bounceKind",
        bounced_at = case when a.state = 'bounced' then i.sending_at end,
        claimed_by = case when a.state in ('claimed', 'handing_over') then gen_random_uuid() end,
        sent_at = case when a.state = 'sent' then i.sending_at end,
        opened_at = case when a.opened then i.sending_at end, clicked_at = case when a.clicked then i.sending_at end,
        unsubscribed_at = case when a.unsubscribed then i.sending_at end,
        complained_at = case when a.complained then i.sending_at end
      from jsonb_to_recordset(${JSON.stringify(people)}::jsonb) a(place int, state text, "bounceKind" text, opened boolean,
        clicked boolean, unsubscribed boolean, complained boolean), mailing_instance i
      where r.account_id = ${ctx.accountId} and r.instance_id = ${id} and r.place = a.place
        and i.account_id = r.account_id and i.id = r.instance_id`.execute(tx);
    await sql`
      insert into mailing_activity (account_id, instance_id, place, kind, at, link, is_automatic)
      select i.account_id, i.id, a.place, a.kind, i.sending_at + a.minute * interval '1 minute', a.link, a."isAutomatic"
      from jsonb_to_recordset(${JSON.stringify(visits)}::jsonb) a(place int, kind text, link int, "isAutomatic" boolean, minute int),
        mailing_instance i where i.account_id = ${ctx.accountId} and i.id = ${id}`.execute(tx);
  });
}
