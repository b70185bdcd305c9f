import { Code, Group, Text, TextInput } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { startOfDay } from "../../ui/days.ts";
import { Page } from "../../ui/page.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { Moment, useTimes } from "../../ui/when.tsx";
import type { AuditSearch } from "./routes.ts";

const route = getRouteApi("/shell/admin/audit-log");
type Entry = Schema<"AuditEntry">;

/** Addresses and values have no spaces to break at. */
const wrapped = { overflowWrap: "anywhere" } as const;

const columns: readonly Column<Entry>[] = [
  {
    id: "at",
    header: "When",
    from: "sm",
    cell: (entry) => (
      <span className="number">
        <Moment at={entry.at} />
      </span>
    ),
  },
  {
    id: "actor",
    header: "Who",
    cell: (entry) => (
      <>
        <bdi>{entry.actor}</bdi>
        <Text size="xs" c="dimmed" component="div" hiddenFrom="sm">
          <Code>{entry.action}</Code> <Moment at={entry.at} />
        </Text>
      </>
    ),
  },
  { id: "action", header: "What", from: "sm", cell: (entry) => <Code>{entry.action}</Code> },
  {
    id: "subject",
    header: "Of what",
    cell: (entry) => (
      <Text inherit component="div" miw={{ base: "8rem", sm: "12rem" }} style={wrapped}>
        <bdi>{entry.subject}</bdi>
      </Text>
    ),
  },
  {
    id: "detail",
    header: "Detail",
    from: "lg",
    cell: (entry) => (
      <Text inherit lineClamp={2} miw="9rem" style={wrapped} title={JSON.stringify(entry.detail)}>
        {Object.entries(entry.detail)
          .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
          .join(", ")}
      </Text>
    ),
  },
];

/** Admin › Audit log: who changed what, the latest first. Nobody can change or delete an entry. */
export function AuditLogPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { timeZone } = useTimes();
  const { from, to, ...filter } = search;
  const query = {
    ...filter,
    limit: 50,
    ...(from && { from: startOfDay(from, timeZone) }),
    ...(to && { to: startOfDay(to, timeZone, 1) }),
  };
  const entries = api.useQuery(
    "get",
    "/api/v1/audit-entries",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  return (
    <Page title="Audit log" about="Who changed what, the latest first. Entries can't be changed.">
      <Filters />
      <Loaded query={entries} lines={12}>
        {({ items, next }) => (
          <div>
            <DataTable
              label="Audit log"
              columns={columns}
              rows={items}
              idOf={(entry) => entry.id}
              empty={<Empty title="No entry is like that" />}
            />
            <Pager
              cursor={search.cursor}
              next={next}
              onGo={(cursor) => {
                const { cursor: _, ...kept } = search;
                void navigate({ search: { ...kept, ...(cursor && { cursor }) } });
              }}
            />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (change: { readonly [Name in keyof AuditSearch]?: string }) => {
    const { cursor: _, ...kept } = search;
    const next = Object.entries({ ...kept, ...change }).filter(([, value]) => value !== "");
    void navigate({ search: Object.fromEntries(next), replace: true });
  };
  const typed = (label: string, name: "actor" | "action", placeholder: string) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      defaultValue={search[name] ?? ""}
      onBlur={(event) => go({ [name]: event.currentTarget.value.trim() })}
      onKeyDown={(event) => event.key === "Enter" && go({ [name]: event.currentTarget.value.trim() })}
      flex="1 1 12rem"
    />
  );
  const chosen = (label: string, name: "from" | "to") => (
    <TextInput
      label={label}
      type="date"
      value={search[name] ?? ""}
      onChange={(event) => go({ [name]: event.currentTarget.value })}
      flex="1 1 9rem"
    />
  );
  return (
    <Group align="end" gap="sm">
      {typed("Who", "actor", "Part of the name")}
      {typed("What", "action", "Exactly, such as user.invite")}
      {chosen("From", "from")}
      {chosen("To", "to")}
    </Group>
  );
}
