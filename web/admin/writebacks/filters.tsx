import { Button, Select, SimpleGrid, TextInput } from "@mantine/core";
import { SearchBox } from "../../ui/search-box.tsx";
import type { WritebacksSearch } from "./routes.ts";
import { typeWords, type Writeback } from "./words.ts";

const types = Object.entries(typeWords).map(([value, label]) => ({ value, label }));

interface Props {
  readonly search: WritebacksSearch;
  readonly onChange: (
    change: { readonly [Name in keyof WritebacksSearch]?: WritebacksSearch[Name] | undefined },
  ) => void;
  /** Null while nothing is filtered. */
  readonly onClear: (() => void) | null;
}

/** What is shown; it stays in the address, to be sent to somebody. */
export function Filters({ search, onChange, onClear }: Props) {
  const day = (label: string, name: "from" | "to") => (
    <TextInput
      label={label}
      type="date"
      value={search[name] ?? ""}
      onChange={({ currentTarget }) => onChange({ [name]: currentTarget.value || undefined })}
    />
  );
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm" verticalSpacing="sm" style={{ alignItems: "end" }} mb="md">
      <SearchBox
        label="Find a person"
        placeholder="Address or customer key"
        value={search.search ?? ""}
        onSearch={(words) => onChange({ search: words || undefined })}
        maxLength={320}
      />
      <Select
        label="Type"
        placeholder="All"
        clearable
        data={types}
        value={search.type ?? null}
        onChange={(type) => onChange({ type: (type as Writeback["type"] | null) ?? undefined })}
      />
      {day("Decided from", "from")}
      {day("To", "to")}
      {onClear && (
        <Button variant="default" onClick={onClear} style={{ justifySelf: "start" }}>
          Clear all
        </Button>
      )}
    </SimpleGrid>
  );
}
