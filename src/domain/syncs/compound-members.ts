import { sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { peopleSearch } from "../subscribers/search.rules.ts";
import { selectFoundMembers } from "../subscribers/store.ts";
import type { Rule } from "../target-groups/compound.rules.ts";
import { allowMemory } from "../target-groups/compound-store.ts";
import { includedIn, isMemberOf, membersOf } from "../target-groups/members-of.ts";
import type { ExportedMember, MemberFilter } from "./history-store.ts";

/** People looked at in the first round and in the next; behind them, the whole group is computed at once. */
const rounds = [500, 4000] as const;

interface Page {
  readonly members: readonly ExportedMember[];
  /** The id to go on behind; null at the end. */
  readonly next: number | null;
}

/**
 * One page of a compound's members by their ids. Usually those are found among the next few hundred people of the
 * included groups; only where few of them are members is the whole group computed. (product 3.1)
 */
export async function selectCompoundMembers(
  tx: Tx,
  account: AccountId,
  rule: Rule,
  filter: Pick<MemberFilter, "standing" | "search" | "limit" | "after">,
): Promise<Page> {
  const { limit, standing } = filter;
  const members: ExportedMember[] = [];
  let seen = filter.after ?? 0;
  for (const atOnce of rounds) {
    const { ids, isEnd } = await findCandidates(tx, account, rule, { search: filter.search, atOnce, after: seen });
    const found = await selectMembersAmong(tx, account, rule, ids, { standing, limit: limit - members.length });
    members.push(...found);
    if (members.length === limit) return { members, next: members.at(-1)?.subscriberId ?? null };
    seen = ids.at(-1) ?? seen;
    if (isEnd) return { members, next: null };
  }
  // Of a search a page may end early: the next goes on behind it.
  if (filter.search?.trim()) return { members, next: seen };
  const rest = await selectFromWhole(tx, account, rule, { standing, limit: limit - members.length, after: seen });
  members.push(...rest);
  return { members, next: members.length === limit ? (members.at(-1)?.subscriberId ?? null) : null };
}

interface Candidates {
  readonly search: string | undefined;
  readonly atOnce: number;
  readonly after: number;
}

/** The next people of any included group, by id: nobody else can be a member. */
async function findCandidates(
  tx: Tx,
  account: AccountId,
  rule: Rule,
  { search, atOnce, after }: Candidates,
): Promise<{ readonly ids: readonly number[]; readonly isEnd: boolean }> {
  if (search?.trim()) return searchCandidates(tx, rule, search, { atOnce, after });
  const ofEach = includedIn(rule).map(
    (group) => sql`(select subscriber_id from membership where account_id = ${account} and group_id = ${group}
      and removed_by is null and subscriber_id > ${after} order by subscriber_id limit ${atOnce})`,
  );
  const { rows } = await sql<{ id: number }>`select subscriber_id as id from (${sql.join(ofEach, sql` union `)}) c
    order by id limit ${atOnce}`.execute(tx);
  return { ids: rows.map(({ id }) => id), isEnd: rows.length < atOnce };
}

/** Whom the text finds in each group; beyond the first group's end that is not reached yet, nobody is known. */
async function searchCandidates(
  tx: Tx,
  rule: Rule,
  search: string,
  { atOnce, after }: Pick<Candidates, "atOnce" | "after">,
): Promise<{ readonly ids: readonly number[]; readonly isEnd: boolean }> {
  const sought = peopleSearch(search);
  if (sought.words === null && sought.keyFrom === null) return { ids: [], isEnd: true };
  const all = new Set<number>();
  let known = Number.POSITIVE_INFINITY;
  for (const group of includedIn(rule)) {
    const found = await selectFoundMembers(tx, group, { ...sought, limit: atOnce, after });
    for (const id of found) all.add(id);
    if (found.length === atOnce) known = Math.min(known, found.at(-1) ?? known);
  }
  const ids = [...all].filter((id) => id <= known).sort((left, right) => left - right);
  return { ids, isEnd: known === Number.POSITIVE_INFINITY };
}

const columns = sql`s.id as "subscriberId", s.remote_id as "remoteId", s.email, s.standing, s."values",
  null as "addedBy", null as "removedBy"`;

interface Choice {
  readonly standing: MemberFilter["standing"];
  readonly limit: number;
}

async function selectMembersAmong(
  tx: Tx,
  account: AccountId,
  rule: Rule,
  people: readonly number[],
  { standing, limit }: Choice,
): Promise<readonly ExportedMember[]> {
  const { rows } = await sql<ExportedMember>`select ${columns} from subscriber s
    where s.account_id = ${account} and s.id = any(${people}::bigint[]) and ${isMemberOf(account, rule, sql`s.id`)}
      ${standing ? sql`and s.standing = ${standing}` : sql``}
    order by s.id limit ${limit}`.execute(tx);
  return rows;
}

async function selectFromWhole(
  tx: Tx,
  account: AccountId,
  rule: Rule,
  { standing, limit, after }: Choice & { readonly after: number },
): Promise<readonly ExportedMember[]> {
  await allowMemory(tx);
  const { rows } = await sql<ExportedMember>`select ${columns} from (${membersOf(account, rule)}) m
    join subscriber s on s.account_id = ${account} and s.id = m.subscriber_id
    where m.subscriber_id > ${after} ${standing ? sql`and s.standing = ${standing}` : sql``}
    order by s.id limit ${limit}`.execute(tx);
  return rows;
}
