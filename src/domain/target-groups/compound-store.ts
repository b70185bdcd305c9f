import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import type { Composition } from "./compound.rules.ts";
import type { GroupId } from "./target-group.ts";

/** What these groups, and all compounds below them, are made of. Groups with members of their own are left out. */
export async function selectCompositions(
  tx: Tx,
  account: AccountId,
  ids: readonly GroupId[],
): Promise<ReadonlyMap<GroupId, Composition>> {
  const { rows } = await sql<{
    id: GroupId;
    includesAll: boolean;
    excludesAll: boolean;
    include: readonly GroupId[];
    exclude: readonly GroupId[];
  }>`
    with recursive below (id) as (
      select unnest(${ids}::uuid[])
      union
      select p.part_id from compound_part p join below b on p.compound_id = b.id where p.account_id = ${account}
    )
    select g.id, g.includes_all as "includesAll", g.excludes_all as "excludesAll",
      coalesce(array_agg(p.part_id::text order by lower(n.name), n.id) filter (where p.side = 'include'), '{}') as include,
      coalesce(array_agg(p.part_id::text order by lower(n.name), n.id) filter (where p.side = 'exclude'), '{}') as exclude
    from below b join target_group g on g.account_id = ${account} and g.id = b.id and g.kind = 'compound'
    join compound_part p on p.account_id = g.account_id and p.compound_id = g.id
    join target_group n on n.account_id = p.account_id and n.id = p.part_id
    group by g.account_id, g.id`.execute(tx);
  return new Map(
    rows.map(({ id, includesAll, excludesAll, include, exclude }) => [
      id,
      { include: { isAll: includesAll, of: include }, exclude: { isAll: excludesAll, of: exclude } },
    ]),
  );
}

/** Changes of an account's compounds wait for each other here, as the database's own check does. */
export async function lockCompounds(tx: Tx, account: AccountId): Promise<void> {
  await sql`select pg_advisory_xact_lock(7000019, hashtext(${account}::text))`.execute(tx);
}

export async function replaceParts(
  tx: Tx,
  account: AccountId,
  id: GroupId,
  { include, exclude }: Composition,
): Promise<void> {
  await sql`update target_group set includes_all = ${include.isAll}, excludes_all = ${exclude.isAll},
    version = version + 1 where account_id = ${account} and id = ${id}`.execute(tx);
  await sql`delete from compound_part where account_id = ${account} and compound_id = ${id}`.execute(tx);
  await sql`insert into compound_part (account_id, compound_id, part_id, side)
    select ${account}::uuid, ${id}::uuid, part, 'include' from unnest(${include.of}::uuid[]) part
    union all select ${account}::uuid, ${id}::uuid, part, 'exclude' from unnest(${exclude.of}::uuid[]) part`.execute(
    tx,
  );
}

/** The deleted groups among the parts of these compounds. */
export async function selectDeletedParts(
  tx: Tx,
  account: AccountId,
  ids: readonly GroupId[],
): Promise<readonly { readonly id: GroupId; readonly name: string; readonly compoundId: GroupId }[]> {
  const { rows } = await sql<{ id: GroupId; name: string; compoundId: GroupId }>`
    select g.id, g.name, p.compound_id as "compoundId" from compound_part p
    join target_group g on g.account_id = p.account_id and g.id = p.part_id and g.deleted_at is not null
    where p.account_id = ${account} and p.compound_id = any(${ids}::uuid[]) order by lower(g.name), g.id`.execute(tx);
  return rows;
}

/** People by how they stand. */
type ByStanding = Readonly<Record<"doNotEmail" | "unsubscribed" | "badEmail" | "sendable", number>>;

interface Marked {
  /** 2 to the power of the place of each part that the people are in, summed up. */
  readonly mask: number;
  readonly people: number;
}

/** What a composition comes to. */
export interface Overlap {
  readonly members: ByStanding;
  /** Members of each part, in the order asked for. */
  readonly sizes: readonly number[];
  /** The largest first; with many parts not all of them. */
  readonly regions: readonly Marked[];
  readonly regionCount: number;
}

const regionsShown = 15;

/**
 * How many people are in which of the parts at once, and how many of those the lists find. One pass over the parts'
 * memberships: a bit for each part, summed up by person.
 * @param parts each part's members as SQL, at most 50
 * @param masks the bits of the parts on each list
 */
export async function measureOverlap(
  tx: Tx,
  account: AccountId,
  parts: readonly RawBuilder<unknown>[],
  lists: Readonly<Record<"include" | "exclude", { readonly isAll: boolean; readonly mask: number }>>,
): Promise<Overlap> {
  await allowMemory(tx);
  const marked = sql.join(
    parts.map((members, at) => sql`select subscriber_id, ${2 ** at}::bigint as bit from (${members}) p`),
    sql` union all `,
  );
  const found = (list: { isAll: boolean; mask: number }) =>
    list.isAll && list.mask !== 0
      ? sql`mask & ${list.mask}::bigint = ${list.mask}::bigint`
      : sql`mask & ${list.mask}::bigint <> 0`;
  const sizes = sql.join(
    parts.map((_, at) => sql`coalesce(sum(people) filter (where mask & ${2 ** at}::bigint <> 0), 0)::bigint`),
  );
  const { rows } = await sql<
    ByStanding & { sizes: readonly number[]; regions: readonly Marked[]; regionCount: number }
  >`
    with marked as (${marked}),
    person as (select subscriber_id, bit_or(bit) as mask from marked group by subscriber_id),
    region as materialized (
      select p.mask, s.standing, count(*) as people from person p
      join subscriber s on s.account_id = ${account} and s.id = p.subscriber_id group by p.mask, s.standing),
    member as (select * from region where ${found(lists.include)} and not (${found(lists.exclude)})),
    largest as (select mask, sum(people)::bigint as people from region group by mask order by people desc, mask limit ${regionsShown})
    select ${sql.join(
      Object.entries(standings).map(
        ([name, standing]) =>
          sql`(select coalesce(sum(people), 0)::bigint from member where standing = ${standing}) as ${sql.ref(name)}`,
      ),
    )},
      (select array[${sizes}] from region) as sizes,
      (select count(distinct mask) from region) as "regionCount",
      coalesce((select json_agg(json_build_object('mask', mask, 'people', people) order by people desc, mask) from largest), '[]') as regions`.execute(
    tx,
  );
  const [{ sizes: measured, regions, regionCount, ...members } = nothing] = rows;
  return { members, sizes: measured.map(Number), regions, regionCount };
}

const standings = {
  doNotEmail: "do_not_email",
  unsubscribed: "unsubscribed",
  badEmail: "bad_email",
  sendable: "sendable",
};
const nothing = { doNotEmail: 0, unsubscribed: 0, badEmail: 0, sendable: 0, sizes: [], regions: [], regionCount: 0 };

/** Sets of a million ids are worked on in memory: 64 MB, and a hash twice that. */
async function allowMemory(tx: Tx): Promise<void> {
  await sql`set local work_mem = '64MB'`.execute(tx);
}
