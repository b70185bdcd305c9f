import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import { escapeLike } from "../../platform/database/like.ts";
import { NotFoundError } from "../../platform/errors.ts";
import type { AccountId } from "../accounts/account.ts";
import type { AccountContext } from "../context.ts";
import { peopleSearch } from "../subscribers/search.rules.ts";
import { selectFoundSubscribers } from "../subscribers/store.ts";
import { getTargetGroup } from "../target-groups/get-target-group.ts";
import type { GroupId, TargetGroup } from "../target-groups/target-group.ts";
import type { RejectReason } from "./row.rules.ts";
import type { SyncId } from "./sync.ts";
import { type PeopleSource, type WhyVerdict, whyOf } from "./why.rules.ts";
import { explainCompound } from "./why-compound.ts";

/** A person, or a row that could not become one, and where they stand to a group. */
export interface Why {
  /** Null for a row that can't be used and is nobody we know. */
  readonly subscriberId: number | null;
  readonly remoteId: string | null;
  readonly email: string;
  readonly verdict: WhyVerdict;
  readonly sentence: string;
  readonly reason: RejectReason | null;
  /** The sync that brought them in, or set the row aside. */
  readonly since: { readonly syncId: SyncId; readonly at: Temporal.Instant | null } | null;
  /** The sync by which they left. */
  readonly left: { readonly syncId: SyncId; readonly at: Temporal.Instant | null } | null;
}

export interface WhyAnswer {
  readonly people: readonly Why[];
  /** There are others: the text says too little. */
  readonly hasMore: boolean;
}

const mostPeople = 10;

/** "Why not Maria?": whether one person is in the group, since when, or why not. @throws NotFoundError for a foreign id */
export function findWhy(ctx: AccountContext, groupId: GroupId, subscriberId: number): Promise<Why> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { people } = await explain(tx, ctx, groupId, [subscriberId], null);
    const why = people.find((person) => person.subscriberId === subscriberId);
    if (!why) throw new NotFoundError("subscriber", String(subscriberId));
    return why;
  });
}

/** The same for everybody whom a text finds, and for rows with it that can't be used. At most ten of each. */
export function searchWhy(ctx: AccountContext, groupId: GroupId, search: string): Promise<WhyAnswer> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const sought = peopleSearch(search);
    const isNobody = sought.words === null && sought.keyFrom === null;
    const ids = isNobody ? [] : await selectFoundSubscribers(tx, { ...sought, limit: mostPeople + 1 });
    return explain(tx, ctx, groupId, ids, search.trim());
  });
}

async function explain(
  tx: Tx,
  ctx: AccountContext,
  groupId: GroupId,
  ids: readonly number[],
  search: string | null,
): Promise<WhyAnswer> {
  const group = await getTargetGroup(tx, ctx, groupId);
  if (group.kind === "compound") {
    const people = await explainCompound(tx, ctx, groupId, ids.slice(0, mostPeople));
    return { people, hasMore: ids.length > mostPeople };
  }
  const people = await selectStandings(tx, ctx.accountId, groupId, ids.slice(0, mostPeople));
  const rejected = await selectRejected(tx, ctx.accountId, groupId, people, search);
  const isCounted = group.countedAt !== null;
  const source = sourceOf(group);
  const known = people.map((person): Why => {
    const row = person.addedBy ? undefined : rejected.find((row) => row.remoteId === person.remoteId);
    const facts = { ...person, isMember: person.addedBy !== null, hasLeft: person.removedBy !== null, isCounted };
    const since = person.addedBy ? { syncId: person.addedBy, at: person.addedAt } : sinceOf(row);
    return {
      subscriberId: person.id,
      remoteId: person.remoteId,
      email: person.email,
      ...whyOf({ ...facts, reason: row?.reason ?? null }, source),
      reason: row?.reason ?? null,
      since,
      left: person.removedBy && !person.addedBy ? { syncId: person.removedBy, at: person.removedAt } : null,
    };
  });
  const strangers = rejected.filter((row) => !people.some(({ remoteId }) => remoteId === row.remoteId));
  const rows = strangers.slice(0, mostPeople).map((row): Why => {
    const facts = { standing: null, isMember: false, hasLeft: false, reason: row.reason, isCounted };
    return { ...row, subscriberId: null, ...whyOf(facts, source), since: sinceOf(row), left: null };
  });
  return { people: [...known, ...rows], hasMore: ids.length > mostPeople || strangers.length > mostPeople };
}

const sourceOf = ({ kind }: TargetGroup): PeopleSource =>
  kind === "static" ? { kind: "files" } : { kind: "query", amsName: "netFORUM Pro" };
const sinceOf = (row: RejectedPerson | undefined) => (row ? { syncId: row.addedBy, at: row.at } : null);

interface PersonStanding {
  readonly id: number;
  readonly remoteId: string | null;
  readonly email: string;
  readonly standing: "do_not_email" | "unsubscribed" | "bad_email" | "sendable";
  readonly addedBy: SyncId | null;
  readonly addedAt: Temporal.Instant | null;
  readonly removedBy: SyncId | null;
  readonly removedAt: Temporal.Instant | null;
}

async function selectStandings(
  tx: Tx,
  account: AccountId,
  group: GroupId,
  ids: readonly number[],
): Promise<readonly PersonStanding[]> {
  const { rows } = await sql<PersonStanding>`
    select s.id, s.remote_id as "remoteId", s.email, s.standing, m.added_by as "addedBy", a.finished_at as "addedAt",
      l.id as "removedBy", l.finished_at as "removedAt"
    from subscriber s
    left join membership m on m.account_id = s.account_id and m.group_id = ${group} and m.subscriber_id = s.id and m.removed_by is null
    left join sync a on a.account_id = s.account_id and a.id = m.added_by
    left join lateral (
      select r.id, r.finished_at from membership p join sync r on r.account_id = p.account_id and r.id = p.removed_by
      where p.account_id = s.account_id and p.subscriber_id = s.id and p.group_id = ${group}
      order by r.finished_at desc limit 1) l on true
    where s.account_id = ${account} and s.id = any(${ids}::bigint[]) order by s.email_key, s.id`.execute(tx);
  return rows;
}

interface RejectedPerson {
  readonly remoteId: string;
  readonly email: string;
  readonly reason: RejectReason;
  readonly addedBy: SyncId;
  readonly at: Temporal.Instant | null;
}

/** Rows of these people, or with the text in their address or at the beginning of their key. */
async function selectRejected(
  tx: Tx,
  account: AccountId,
  group: GroupId,
  people: readonly PersonStanding[],
  search: string | null,
): Promise<readonly RejectedPerson[]> {
  const keys = people.flatMap(({ remoteId }) => remoteId ?? []);
  const text = search === null || search === "" ? null : escapeLike(search.toLowerCase());
  const { rows } = await sql<RejectedPerson>`
    select r.remote_id as "remoteId", r.email, r.reason, r.added_by as "addedBy", a.finished_at as at
    from rejected_row r left join sync a on a.account_id = r.account_id and a.id = r.added_by
    where r.account_id = ${account} and r.group_id = ${group} and r.removed_by is null
      and (r.remote_id = any(${keys}::text[])
        ${text === null ? sql`` : sql`or lower(r.email) like ${`%${text}%`} or lower(r.remote_id) like ${`${text}%`}`})
    order by r.remote_id <> all(${keys}::text[]), r.remote_id, r.reason limit ${mostPeople * 2 + 1}`.execute(tx);
  return rows;
}
