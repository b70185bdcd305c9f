import { sql } from "kysely";
import { must } from "../../platform/errors.ts";
import { rowsAtOnce } from "../../platform/paged.ts";
import { recordChange } from "../accounts/record-change.ts";
import { selectAccount } from "../accounts/store.ts";
import type { AccountContext } from "../context.ts";
import { findEntries } from "../subscribers/erase-entries.ts";
import { findFilesNaming } from "../uploads/erase-files.ts";
import { namesOf, type Section, sections, type Whom } from "./export-sections.ts";

type Row = Readonly<Record<string, unknown>>;

/** Everything that is kept of one person: its rows arrive while it is read. */
export interface PersonExport {
  readonly account: string;
  readonly exportedAt: Temporal.Instant;
  readonly addresses: readonly string[];
  readonly customerKey: string | null;
  readonly sections: readonly (Pick<Section, "name" | "title" | "columns"> & { readonly rows: AsyncIterable<Row> })[];
}

/**
 * Everything that is kept of one person, for them: values, groups, wishes, mailings and what they did with them,
 * writebacks, rows and files that name them. (product 2.6; GDPR art. 15 and 20) Read a thousand rows at a time, no
 * transaction waits for the network. Who took it stands in the audit log.
 * @throws NotFoundError when the account has no such subscriber, or the person was erased
 */
export async function exportPerson(ctx: AccountContext, id: number): Promise<PersonExport> {
  const { whom, account } = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const found = await findEntries(tx, ctx, id);
    const own = must(
      found.entries.find((entry) => entry.id === id),
      "a person's rows hold the one asked for",
    );
    await recordChange(tx, ctx, "subscriber.export", own.email, { id });
    const account = must(await selectAccount(tx, ctx.accountId), "an account that is worked in is there");
    return { whom: { ...found, account: ctx.accountId }, account };
  });
  const files = await findFilesNaming(ctx, namesOf(whom));
  const fileRows = files.map(({ fileName, createdAt }) => ({ file: fileName, receivedAt: createdAt }));
  return {
    account: account.name,
    exportedAt: ctx.clock.now(),
    addresses: [...new Set(whom.entries.map(({ email }) => email))],
    customerKey: whom.remoteId,
    sections: [
      ...sections.map((section) => ({ ...section, rows: readSection(ctx, whom, section) })),
      {
        name: "files",
        title: "Uploaded files that name you and wait to be imported",
        columns: { file: "File", receivedAt: "Received" },
        rows: asyncRows(fileRows),
      },
    ],
  };
}

async function* readSection(ctx: AccountContext, whom: Whom, section: Section): AsyncGenerator<Row> {
  for (let after = ""; ; ) {
    const rows = await ctx.db.transaction(ctx.accountId, async (tx) => {
      const { rows } = await sql<Row & { key: string }>`select * from (${section.query(whom)}) found
        where key collate "C" > ${after} order by key collate "C" limit ${rowsAtOnce}`.execute(tx);
      return rows;
    });
    for (const { key: _, ...row } of rows) yield row;
    const last = rows.at(-1);
    if (!last || rows.length < rowsAtOnce) return;
    after = last.key;
  }
}

async function* asyncRows(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}
