import { sql } from "kysely";
import { expect } from "vitest";
import { eachMember } from "../../simulator/messaging-jobs.ts";
import { textOf } from "../../simulator/people.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import { addressKey } from "../../src/domain/subscribers/address.rules.ts";
import { must } from "../../src/platform/errors.ts";
import type { Account } from "./world.ts";

export interface Truth {
  /** `remote ID address flag`, sorted: one line for each member that the group must have. */
  readonly members: readonly string[];
  readonly totalRecords: number;
  readonly withoutAddress: number;
  readonly malformedAddress: number;
  readonly duplicate: number;
}

const unescapeXml = (text: string) =>
  text.replace(/&(lt|gt|quot|amp);/g, (_, name: string) => ({ lt: "<", gt: ">", quot: '"', amp: "&" })[name] ?? "");

/** What a group must be, straight from the AMS's own file: each address once, the first in the AMS's order. */
export function truthOf(simulator: Simulator, groupName: string): Truth {
  const { people, jobs } = simulator.state;
  const job = must(
    jobs.find(({ name }) => name === groupName),
    `the AMS has a query '${groupName}'`,
  );
  const members = new Map<string, string>();
  const counts = { totalRecords: 0, withoutAddress: 0, malformedAddress: 0, duplicate: 0 };
  eachMember(people, job, 0, (index) => {
    const email = unescapeXml(textOf(people, index, "cst_eml_address_dn")).trim();
    const key = addressKey(email);
    counts.totalRecords += 1;
    if (email === "") counts.withoutAddress += 1;
    else if (key === null) counts.malformedAddress += 1;
    else if (members.has(key)) counts.duplicate += 1;
    else members.set(key, `${textOf(people, index, "cst_key")} ${email} ${textOf(people, index, "cst_no_email_flag")}`);
    return true;
  });
  return { ...counts, members: [...members.values()].sort() };
}

/** The group's members as the database has them, in the form of `Truth.members`. */
export async function membersOf(account: Account, groupName: string): Promise<readonly string[]> {
  const { id } = await account.group(groupName);
  const { rows } = await account.ctx.db.transaction(account.ctx.accountId, (tx) =>
    sql<{ line: string }>`
      select format('%s %s %s', s.remote_id, s.email, s.do_not_email::int) as line from membership m
      join subscriber s on s.account_id = m.account_id and s.id = m.subscriber_id
      where m.group_id = ${id} and m.removed_by is null`.execute(tx),
  );
  return rows.map(({ line }) => line).sort();
}

/** The group is what the AMS says now, person by person and number by number. */
export async function expectInStep(account: Account, groupName: string): Promise<void> {
  const { members, ...counts } = truthOf(account.simulator, groupName);
  expect(await membersOf(account, groupName)).toEqual(members);
  expect((await account.group(groupName)).counts).toMatchObject(counts);
}

/** Everything that a sync which may change nothing must leave alone. Versions of rows included: no write goes unseen. */
export async function snapshot(account: Account): Promise<unknown> {
  return account.ctx.db.transaction(account.ctx.accountId, async (tx) => {
    const tables = ["subscriber", "membership", "rejected_row"];
    const versions = await Promise.all(
      tables.map((table) => sql`select ctid, xmin, t.* from ${sql.table(table)} t order by ctid`.execute(tx)),
    );
    const groups = await sql`
      select name, counted_at, counted_by, total_records, unusable, without_address, malformed_address, duplicate,
        do_not_email, unsubscribed, bad_email, sendable from target_group order by id`.execute(tx);
    return { versions: versions.map(({ rows }) => rows), groups: groups.rows };
  });
}
