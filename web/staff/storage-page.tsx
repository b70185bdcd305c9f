import { Button, SimpleGrid, Text } from "@mantine/core";
import { useState } from "react";
import { api, type Schema } from "../api/client.ts";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { LineOverTime } from "../ui/line-over-time.tsx";
import { useNumbers } from "../ui/numbers.ts";
import { Page } from "../ui/page.tsx";
import { Section } from "../ui/section.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { useTimes, When } from "../ui/when.tsx";

type Storage = Schema<"Storage">;
type Table = Storage["tables"][number];
type Account = Storage["accounts"][number];

const mebibyte = 1024 ** 2;

/** Bytes in the unit that suits them. */
function useBytes(): (bytes: number) => string {
  const { count } = useNumbers();
  return (bytes) => {
    const size = Math.abs(bytes);
    if (size < mebibyte) return `${count(Math.ceil(size / 1024))} KiB`;
    const [unit, of] = size < 1024 * mebibyte ? (["MiB", mebibyte] as const) : (["GiB", 1024 * mebibyte] as const);
    return `${count(Math.round((size / of) * 10) / 10)} ${unit}`;
  };
}

/** Staff › Storage: how large everything is, how it grows, and what keeping less would free. */
export function StoragePage() {
  const storage = api.useQuery("get", "/api/v1/storage");
  return (
    <Page title="Storage" about="How large the database is, by table and by account, and how it grows.">
      <Loaded query={storage} lines={12}>
        {(found) => <Found storage={found} />}
      </Loaded>
    </Page>
  );
}

function Found({ storage }: { readonly storage: Storage }) {
  const bytes = useBytes();
  const line = storage.history.map(({ date, bytes: size }) => ({ at: date, value: Math.round(size / mebibyte) }));
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Section title="In all">
          <Text fz="xl" fw={620}>
            {bytes(storage.databaseBytes)}
          </Text>
          <Text size="sm" c="dimmed">
            Sizes are of now.{" "}
            {storage.countedAt ? (
              <>
                Rows were counted <When at={storage.countedAt} />.
              </>
            ) : (
              "Rows have not been counted yet: a worker does so every night."
            )}
          </Text>
        </Section>
        <Section title="Night by night" about="All tables together, in MiB.">
          {line.length > 1 ? (
            <LineOverTime label="MiB" points={line} height={120} />
          ) : (
            <Text size="sm" c="dimmed">
              The line begins with the second night.
            </Text>
          )}
        </Section>
      </SimpleGrid>
      <Section title="Accounts" about="Sizes are estimated from an account's share of each table's rows.">
        <Accounts rows={storage.accounts} />
      </Section>
      <Section title="Tables" about="With their indexes, the largest first.">
        <Tables rows={storage.tables.filter((table) => table.bytes > 0)} />
      </Section>
    </>
  );
}

function Accounts({ rows }: { readonly rows: readonly Account[] }) {
  const bytes = useBytes();
  const { count } = useNumbers();
  const columns: readonly Column<Account>[] = [
    { id: "name", header: "Account", cell: (account) => <bdi>{account.name}</bdi> },
    { id: "bytes", header: "Size, about", kind: "number", cell: (account) => bytes(account.bytes) },
    { id: "rows", header: "Rows", kind: "number", from: "sm", cell: (account) => count(account.rows) },
    { id: "due", header: "The next night frees", kind: "number", from: "md", cell: ({ due }) => bytes(due.bytes) },
    {
      id: "year",
      header: "Kept for a year, it would free",
      kind: "number",
      from: "md",
      cell: ({ olderThanYear }) => bytes(olderThanYear.bytes),
    },
  ];
  return (
    <DataTable
      label="Accounts"
      columns={columns}
      rows={rows}
      idOf={(account) => account.id}
      empty={<Empty title="No accounts yet" />}
    />
  );
}

const keptBy: Readonly<Record<NonNullable<Table["keptBy"]>, string>> = {
  mailingDetailKeptDays: "detail of mailings",
  syncDetailKeptDays: "detail of syncs",
};

const tablesShown = 15;

function Tables({ rows }: { readonly rows: readonly Table[] }) {
  const [areAllShown, setAllShown] = useState(false);
  const bytes = useBytes();
  const times = useTimes();
  const { count } = useNumbers();
  const columns: readonly Column<Table>[] = [
    {
      id: "name",
      header: "Table",
      cell: (table) => (
        <>
          {table.name}
          {table.keptBy && (
            <Text size="xs" c="dimmed">
              goes by the setting for {keptBy[table.keptBy]}
            </Text>
          )}
        </>
      ),
    },
    { id: "bytes", header: "Size", kind: "number", cell: (table) => bytes(table.bytes) },
    {
      id: "grew",
      header: "In 30 nights",
      kind: "number",
      from: "sm",
      cell: ({ grewBytes }) => (grewBytes ? `${grewBytes < 0 ? "−" : "+"}${bytes(grewBytes)}` : "—"),
    },
    {
      id: "rows",
      header: "Rows",
      kind: "number",
      from: "sm",
      cell: ({ rows: own }) => (own === null ? "—" : count(own)),
    },
    {
      id: "oldest",
      header: "Oldest",
      from: "md",
      cell: ({ oldestAt }) => (oldestAt ? times.date(oldestAt) : "—"),
    },
    {
      id: "newest",
      header: "Newest",
      from: "lg",
      cell: ({ newestAt }) => (newestAt ? times.date(newestAt) : "—"),
    },
    {
      id: "year",
      header: "Older than a year",
      kind: "number",
      from: "lg",
      cell: ({ olderThanYear: old }) => (old.rows === 0 ? "—" : `${count(old.rows)} rows, ${bytes(old.bytes)}`),
    },
  ];
  return (
    <>
      <DataTable
        label="Tables"
        columns={columns}
        rows={areAllShown ? rows : rows.slice(0, tablesShown)}
        idOf={(table) => table.name}
        empty={<Empty title="No tables" />}
      />
      {rows.length > tablesShown && !areAllShown && (
        <Button variant="subtle" mt="sm" onClick={() => setAllShown(true)}>
          Show all {count(rows.length)} tables
        </Button>
      )}
    </>
  );
}
