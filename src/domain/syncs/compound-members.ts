import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { peopleSearch } from "../subscribers/search.rules.ts";
import { selectFoundMembers } from "../subscribers/store.ts";
import type { Rule } from "../target-groups/compound.rules.ts";
import { includedIn, isMemberOf, membersOf } from "../target-groups/members-of.ts";
import type { Member, MemberFilter } from "./history-store.ts";

interface Page {
  readonly members: readonly Member[];
  /** The id to go on behind; null at the end. */
  readonly next: number | null;
}

/** How many are looked at in each round: with a standing, or a search, that few have, a page may take several. */
const rounds = [500, 4000, 32_000] as const;

/**
 * One page of a compound's members, by their ids. It may end early when few of many thousands are asked for: the next
 * one goes on behind it. (product 3.1)
 */
export async function selectCompoundMembers(
  tx: Tx,
  account: AccountId,
  rule: Rule,
  filter: Pick<MemberFilter, "standing" | "search" | "limit" | "after">,
): Promise<Page> {
  const { limit, standing, search } = filter;
  const members: Member[] = [];
  let seen = filter.after ?? 0;
  for (const round of rounds) {
    const atOnce = standing || search?.trim() ? round : Math.max(limit, round);
    const { ids, until } = search?.trim()
      ? await searchMembers(tx, account, rule, search, { atOnce, after: seen })
      : await nextMembers(tx, account, rule, { atOnce, after: seen });
    members.push(...(await selectPeople(tx, account, ids, { standing, limit: limit - members.length })));
    if (members.length === limit) return { members, next: members.at(-1)?.subscriberId ?? null };
    if (until === null) return { members, next: null };
    seen = until;
  }
  return { members, next: seen };
}

interface Looking {
  readonly atOnce: number;
  readonly after: number;
}

interface Found {
  readonly ids: readonly number[];
  /** How far was looked; null when there is nobody behind it. */
  readonly until: number | null;
}

async function nextMembers(tx: Tx, account: AccountId, rule: Rule, { atOnce, after }: Looking): Promise<Found> {
  const { rows } = await sql<{ id: number }>`select subscriber_id as id from (${membersOf(account, rule, after)}) m
    order by subscriber_id limit ${atOnce}`.execute(tx);
  const ids = rows.map(({ id }) => id);
  return { ids, until: ids.length < atOnce ? null : (ids.at(-1) ?? null) };
}

/**
 * Whom the text finds in the included groups, if they are members. A group that had more to tell ends what is known:
 * behind its last one the others are looked at again in the next round.
 */
async function searchMembers(
  tx: Tx,
  account: AccountId,
  rule: Rule,
  search: string,
  { atOnce, after }: Looking,
): Promise<Found> {
  const sought = peopleSearch(search);
  if (sought.words === null && sought.keyFrom === null) return { ids: [], until: null };
  const all = new Set<number>();
  let known = Number.POSITIVE_INFINITY;
  for (const group of includedIn(rule)) {
    const found = await selectFoundMembers(tx, group, { ...sought, limit: atOnce, after });
    for (const id of found) all.add(id);
    if (found.length === atOnce) known = Math.min(known, found.at(-1) ?? known);
  }
  const candidates = [...all].filter((id) => id <= known);
  const { rows } = await sql<{ id: number }>`select c.id from unnest(${candidates}::bigint[]) c(id)
    where ${isMemberOf(account, rule, sql`c.id`)} order by c.id`.execute(tx);
  return { ids: rows.map(({ id }) => id), until: known === Number.POSITIVE_INFINITY ? null : known };
}

const columns = sql`s.id as "subscriberId", s.remote_id as "remoteId", s.email, s.standing, s."values",
  null as "addedBy", null as "removedBy"`;

async function selectPeople(
  tx: Tx,
  account: AccountId,
  ids: readonly number[],
  { standing, limit }: Pick<MemberFilter, "standing" | "limit">,
): Promise<readonly Member[]> {
  const { rows } = await sql<Member>`select ${columns} from subscriber s
    where s.account_id = ${account} and s.id = any(${ids}::bigint[]) ${standing ? sql`and s.standing = ${standing}` : sql``}
    order by s.id limit ${limit}`.execute(tx);
  return rows;
}
