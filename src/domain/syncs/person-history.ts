import { sql } from "kysely";
import type { AccountContext } from "../context.ts";
import { findSubscriber } from "../subscribers/find-subscribers.ts";
import type { GroupId } from "../target-groups/target-group.ts";
import type { SyncId, Trigger } from "./sync.ts";

/** Something that happened to a person. The group and the sync are those of `joined` and `left`. */
export interface PersonEvent {
  readonly kind: "created" | "joined" | "left" | "unsubscribed" | "resubscribed" | "bad_email";
  readonly at: Temporal.Instant;
  readonly groupId: GroupId | null;
  readonly groupName: string | null;
  readonly syncId: SyncId | null;
  readonly trigger: Trigger | null;
  readonly requestedBy: string | null;
  /** Why, as far as somebody said so; of what was set here. */
  readonly reason: string | null;
  /** Where one page ends and the next begins, among events of one instant. */
  readonly key: string;
}

/**
 * One page of a person's story, the latest first: groups joined and left, with the sync that did it, and what was set
 * here. (product 1.8) `membership_of_subscriber` finds it; a few thousand lines at most.
 * @throws NotFoundError when the account has no such subscriber
 */
export async function listPersonEvents(
  ctx: AccountContext,
  id: number,
  page: { readonly limit: number; readonly after?: { readonly at: string; readonly key: string } | undefined },
): Promise<readonly PersonEvent[]> {
  await findSubscriber(ctx, id);
  const { after } = page;
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { rows } = await sql<PersonEvent>`
      with own as (select group_id, added_by, removed_by from membership where account_id = ${ctx.accountId} and subscriber_id = ${id}),
      moved as (
        select 'joined' as kind, group_id, added_by as sync_id from own
        union all select 'left', group_id, removed_by from own where removed_by is not null),
      story as (
        select m.kind, s.finished_at as at, m.group_id as "groupId", g.name as "groupName", s.id as "syncId", s.trigger,
          s.requested_by as "requestedBy", null as reason, m.kind || m.group_id || s.id as key
        from moved m join sync s on s.account_id = ${ctx.accountId} and s.id = m.sync_id
        join target_group g on g.account_id = ${ctx.accountId} and g.id = m.group_id
        union all
        select x.kind, x.at, null, null, null, null, null, null, x.kind from subscriber p
        cross join lateral (values ('created', p.created_at), ('unsubscribed', p.unsubscribed_at), ('bad_email', p.bad_email_at)) x(kind, at)
        where p.account_id = ${ctx.accountId} and p.id = ${id} and x.at is not null and not exists (
          select from wish_change w where w.account_id = p.account_id and w.subscriber_id = p.id and w.kind = x.kind and w.at = x.at)
        union all
        select w.kind, w.at, null, null, null, null, w.by, w.reason, w.kind || w.id from wish_change w
        where w.account_id = ${ctx.accountId} and w.subscriber_id = ${id})
      select * from story
      ${after ? sql`where (at, key collate "C") < (${after.at}::timestamptz, ${after.key} collate "C")` : sql``}
      order by at desc, key collate "C" desc limit ${page.limit}`.execute(tx);
    return rows;
  });
}
