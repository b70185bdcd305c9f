import { Select, Text } from "@mantine/core";
import { api } from "../../api/client.ts";
import type { EditingProps } from "./envelope.tsx";

/**
 * The kind of mailing that people can opt out of in the AMS: chosen here, shown on its page and its report. Nothing is
 * shown where the AMS offers none.
 */
export function OptOutCategory({ draft, content, isEditable }: EditingProps) {
  const categories = api.useQuery("get", "/api/v1/opt-out-categories", {}, { staleTime: 60_000 });
  const all = categories.data ?? [];
  const { optOutCategoryId } = content;
  const offered = all.filter(({ id, missingSince }) => missingSince === null || id === optOutCategoryId);
  if (offered.length === 0) return null;
  const label = (name: string, isMissing: boolean) => (isMissing ? `${name} (missing in netFORUM Pro)` : name);
  return (
    <div>
      <Select
        mt="md"
        maw={{ md: "50%" }}
        pe={{ md: "xs" }}
        label="Opt-out category"
        placeholder="None"
        clearable
        searchable={offered.length > 8}
        nothingFoundMessage="No category is called that"
        readOnly={!isEditable}
        data={offered.map(({ id, name, missingSince }) => ({ value: id, label: label(name, missingSince !== null) }))}
        value={optOutCategoryId}
        onChange={(id) => isEditable && draft.change({ optOutCategoryId: id })}
      />
      <Text size="xs" c="dimmed" mt={5} maw="48rem">
        Which kind of mailing this is in netFORUM Pro. It is a note, shown on the publishing and its report:{" "}
        <b>it leaves nobody out</b>, because netFORUM Pro does not tell who opted out of a category. Use a messaging job
        query that leaves them out.
      </Text>
    </div>
  );
}
