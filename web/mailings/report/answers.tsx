import { Anchor, Group, Select, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { Address } from "../../ui/address.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Pager } from "../../ui/pager.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { Section } from "../../ui/section.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { recipientWords } from "../instance/words.ts";
import { Download } from "./links.tsx";
import type { ReportSearch } from "./routes.ts";
import { type Answer, answerWords } from "./words.ts";

const route = getRouteApi("/shell/instances/$instanceId/report");
type Row = Schema<"ReportRecipient">;

const columnsFor = (isByPerson: boolean): readonly Column<Row>[] => [
  {
    id: "email",
    header: "E-mail address",
    cell: ({ subscriberId, email, reason }) => (
      <>
        <Anchor component={Link} to={`/subscribers/${subscriberId}`}>
          <Address email={email} />
        </Anchor>
        {reason && (
          <Text size="xs" c="dimmed" lineClamp={2}>
            <bdi>{reason}</bdi>
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
  ...(isByPerson
    ? [
        {
          id: "opened",
          header: "Opened (estimate)",
          from: "md" as const,
          cell: ({ openedAt }: Row) => <When at={openedAt} never="—" />,
        },
      ]
    : []),
  { id: "clicked", header: "Clicked", from: "sm", cell: ({ clickedAt }) => <When at={clickedAt} never="—" /> },
  {
    id: "gone",
    header: "Unsubscribed",
    from: "md",
    cell: ({ unsubscribedAt, complainedAt }) =>
      complainedAt !== null ? (
        <>
          complained <When at={complainedAt} />
        </>
      ) : (
        <When at={unsubscribedAt} never="—" />
      ),
  },
];

/** Recipients with what they got and did, found by that and by the beginning of their address. */
export function Answers({ isByPerson }: { readonly isByPerson: boolean }) {
  const { instanceId } = route.useParams();
  const kept = route.useSearch();
  const { answer, search, cursor } = kept;
  const navigate = route.useNavigate();
  const go = (change: { [Name in keyof ReportSearch]?: ReportSearch[Name] | undefined }, replace = true) => {
    const next = Object.entries({ ...kept, cursor: undefined, ...change }).filter(([, value]) => value);
    void navigate({ search: Object.fromEntries(next), replace, resetScroll: false });
  };
  const asked = { ...(answer && { answer }), ...(search && { search }) };
  const people = api.useQuery(
    "get",
    "/api/v1/instances/{id}/report/recipients",
    { params: { path: { id: instanceId }, query: { ...asked, limit: 50, ...(cursor && { cursor }) } } },
    { placeholderData: keepPreviousData },
  );
  const choices = Object.entries(answerWords).filter(([value]) => isByPerson || value !== "opened");
  const query = new URLSearchParams(asked).toString();
  return (
    <Section
      title="Recipients"
      actions={
        <>
          <Download
            href={`/api/v1/instances/${instanceId}/report/recipients.csv${query && `?${query}`}`}
            what="recipients"
          />
          <Download href={`/api/v1/instances/${instanceId}/report/left-out.csv`} what="left out" />
        </>
      }
    >
      <Group align="end" mb="md" gap="sm">
        <SearchBox
          label="Find a recipient"
          placeholder="Beginning of the address"
          value={search ?? ""}
          onSearch={(words) => go({ search: words })}
          flex="1 1 16rem"
        />
        <Select
          label="Who"
          placeholder="Everybody"
          clearable
          data={choices.map(([value, label]) => ({ value, label }))}
          value={answer ?? null}
          onChange={(value) => go({ answer: (value as Answer | null) ?? undefined })}
          flex="0 1 14rem"
        />
      </Group>
      <Loaded query={people}>
        {({ items, next }) => (
          <>
            <DataTable
              label="Recipients"
              columns={columnsFor(isByPerson)}
              rows={items}
              idOf={({ place }) => String(place)}
              empty={<Empty title="Nobody">No recipient is like that.</Empty>}
            />
            <Pager cursor={cursor} next={next} onGo={(to) => go({ cursor: to }, false)} />
          </>
        )}
      </Loaded>
    </Section>
  );
}
