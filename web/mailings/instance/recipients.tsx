import { Anchor, Group, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { Address } from "../../ui/address.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Pager } from "../../ui/pager.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { type RecipientState, recipientWords } from "./words.ts";

const route = getRouteApi("/shell/instances/$instanceId");
type Recipient = Schema<"Recipient">;

const columns: readonly Column<Recipient>[] = [
  {
    id: "email",
    header: "E-mail address",
    cell: ({ email, subscriberId, reply }) => (
      <>
        <Anchor component={Link} to={`/subscribers/${subscriberId}`}>
          <Address email={email} />
        </Anchor>
        {reply && (
          <Text size="xs" c="dimmed">
            {reply}
          </Text>
        )}
      </>
    ),
  },
  {
    id: "state",
    header: "State",
    cell: ({ state }) => <ToneBadge tone={recipientWords[state].tone}>{recipientWords[state].word}</ToneBadge>,
  },
  { id: "tries", header: "Tries", kind: "number", from: "md", cell: ({ tries }) => tries },
  { id: "sentAt", header: "Sent", from: "sm", cell: ({ sentAt }) => <When at={sentAt} never="not yet" /> },
];

/** Who gets it, with what became of each; found by state and by the beginning of an address. */
export function Recipients({ counts }: { readonly counts: Readonly<Record<RecipientState, number>> }) {
  const { instanceId } = route.useParams();
  const { state, search, cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const { count } = useNumbers();
  const query = { limit: 50, ...(state && { state }), ...(search && { search }), ...(cursor && { cursor }) };
  const recipients = api.useQuery(
    "get",
    "/api/v1/instances/{id}/recipients",
    { params: { path: { id: instanceId }, query } },
    { placeholderData: keepPreviousData },
  );
  const go = (change: {
    state?: RecipientState | undefined;
    search?: string | undefined;
    cursor?: string | undefined;
  }) => {
    const next = { tab: "recipients" as const, state, search, ...change };
    const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== ""));
    void navigate({ search: kept, resetScroll: false });
  };
  return (
    <Stack gap="md">
      <Group align="end" gap="sm">
        <Select
          label="State"
          placeholder="Every state"
          clearable
          data={(Object.keys(counts) as RecipientState[])
            .filter((known) => counts[known] > 0 || known === state)
            .map((known) => ({ value: known, label: `${recipientWords[known].word} (${count(counts[known])})` }))}
          value={state ?? null}
          onChange={(value) => go({ state: (value ?? undefined) as RecipientState | undefined })}
          w={{ base: "100%", xs: 240 }}
        />
        <SearchBox
          label="Find a recipient"
          placeholder="Beginning of the address"
          value={search ?? ""}
          onSearch={(words) => go({ search: words })}
          w={{ base: "100%", xs: 260 }}
        />
      </Group>
      <Loaded query={recipients}>
        {({ items, next }) => (
          <>
            <DataTable
              label="Recipients"
              columns={columns}
              rows={items}
              idOf={({ place }) => String(place)}
              empty={<Empty title={search ? `No recipient begins with “${search}”` : "Nobody"} />}
            />
            <Pager cursor={cursor} next={next} onGo={(to) => go({ cursor: to })} />
          </>
        )}
      </Loaded>
    </Stack>
  );
}
