import { Button, Group, Select, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { stateWords, triggerWords } from "../ui/sync-words.ts";
import { GroupFilter } from "./group-filter.tsx";
import type { SyncsSearch } from "./routes.ts";

const route = getRouteApi("/shell/syncs");

const options = (words: Record<string, string>) => Object.entries(words).map(([value, label]) => ({ value, label }));
const states = Object.fromEntries(Object.entries(stateWords).map(([state, { word }]) => [state, word]));

type Change = { readonly [Name in keyof SyncsSearch]?: SyncsSearch[Name] | undefined };

/** What is shown; it stays in the address, to be sent to somebody. */
export function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (change: Change) => {
    const { cursor: _, ...kept } = search;
    const next = Object.entries({ ...kept, ...change }).filter(([, value]) => value !== undefined && value !== "");
    void navigate({ search: Object.fromEntries(next), replace: true });
  };
  const choice = (label: string, name: "kind" | "trigger" | "state", words: Record<string, string>) => (
    <Select
      label={label}
      placeholder="All"
      clearable
      data={options(words)}
      value={search[name] ?? null}
      onChange={(value) => go({ [name]: value ?? undefined })}
      flex="1 1 9rem"
    />
  );
  const day = (label: string, name: "from" | "to") => (
    <TextInput
      label={label}
      type="date"
      value={search[name] ?? ""}
      onChange={(event) => go({ [name]: event.currentTarget.value })}
      flex="1 1 9rem"
    />
  );
  const askedBy = (value: string) => value.trim() !== (search.by ?? "") && go({ by: value.trim() });
  const isFiltered = Object.keys(search).some((name) => name !== "cursor");
  return (
    <Group align="end" gap="sm">
      {choice("Type", "kind", { list: "List sync", subscriber: "Subscriber sync" })}
      {choice("Trigger", "trigger", triggerWords)}
      {choice("Outcome", "state", states)}
      <GroupFilter groupId={search.groupId} onChange={(groupId) => go({ groupId })} />
      <TextInput
        key={search.by ?? ""}
        label="Asked for by"
        placeholder="Exactly, as shown"
        defaultValue={search.by ?? ""}
        onBlur={(event) => askedBy(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && askedBy(event.currentTarget.value)}
        flex="1 1 11rem"
      />
      {day("From", "from")}
      {day("To", "to")}
      {search.subscriberId && <PersonFilter id={search.subscriberId} onClear={() => go({ subscriberId: undefined })} />}
      {isFiltered && (
        <Button variant="default" onClick={() => void navigate({ search: {} })}>
          Clear all
        </Button>
      )}
    </Group>
  );
}

/** Only syncs that brought one person into a group, or took them out; comes from that person's page. */
function PersonFilter({ id, onClear }: { readonly id: number; readonly onClear: () => void }) {
  const person = api.useQuery("get", "/api/v1/subscribers/{id}", { params: { path: { id } } });
  const name = person.data?.email ?? (person.isError ? "somebody unknown" : "…");
  return (
    <TextInput
      label="Moved this person"
      value={name}
      readOnly
      flex="1 1 14rem"
      rightSectionWidth={64}
      rightSection={
        <Button variant="subtle" size="compact-xs" onClick={onClear} aria-label={`Not only syncs that moved ${name}`}>
          Clear
        </Button>
      }
    />
  );
}
