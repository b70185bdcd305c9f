import { Button, Grid, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, toProblem } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { Section } from "../../ui/section.tsx";
import { Loading, ProblemAlert } from "../../ui/states.tsx";
import { type Lists, sentenceOf, toBody } from "./composition.ts";
import { Overlap } from "./overlap.tsx";
import { PartListEditor } from "./part-list.tsx";
import { Result } from "./result.tsx";

interface Props {
  readonly name: string;
  readonly lists: Lists;
  /** Null for a new group. */
  readonly groupId: string | null;
  /** @returns the group's id */
  readonly save: (name: string, lists: Lists) => Promise<string>;
}

/** Two lists, the rule in words, and what it comes to while it is composed. (product 3.1) */
export function Composer({ name, lists: initial, groupId, save }: Props) {
  const { account } = useMe();
  const navigate = useNavigate();
  const reask = useReask("/target-groups", "/home");
  const [lists, setLists] = useState(initial);
  const { form, problem, isSending, send } = useApiForm({ initialValues: { name, include: "" } });
  const { include, exclude } = lists;
  const taken = new Set([...include.parts, ...exclude.parts].map(({ id }) => id).concat(groupId ?? []));
  const measured = useMeasured(lists, groupId);
  const sizes = new Map(measured.data?.parts.map(({ id, members }) => [id, members]));
  const submit = form.onSubmit(async (values) => {
    let id = groupId;
    const isSaved = await send(async () => {
      id = await save(values.name, lists);
    }, values);
    if (!isSaved || id === null) return;
    await reask();
    await navigate({ to: `/target-groups/${id}` });
  });
  const listError = form.errors.include as string | undefined;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        {problem && <ProblemAlert error={problem} />}
        <TextInput
          label="Name"
          required
          maxLength={200}
          maw={480}
          {...(groupId === null && { "data-autofocus": true })}
          {...form.getInputProps("name")}
        />
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 6 }}>
            <Stack gap="lg">
              <PartListEditor
                title="Include"
                list={include}
                first={0}
                sizes={sizes}
                taken={taken}
                error={listError}
                onChange={(list) => setLists({ ...lists, include: list })}
              />
              <PartListEditor
                title="Exclude"
                list={exclude}
                first={include.parts.length}
                sizes={sizes}
                taken={taken}
                onChange={(list) => setLists({ ...lists, exclude: list })}
              />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 6 }}>
            <Section title="What it comes to" about={sentenceOf(lists, account?.locale ?? "en")}>
              <Stack gap="md">
                {include.parts.length > 0 && measured.isPending && <Loading lines={4} />}
                {measured.isError && <ProblemAlert error={toProblem(measured.error)} />}
                {include.parts.length > 0 && measured.data && (
                  <div style={{ opacity: measured.isPlaceholderData ? 0.5 : 1 }}>
                    <Result members={measured.data.members} />
                    <Text fw={600} size="sm" mt="md" mb={4}>
                      How the groups overlap
                    </Text>
                    <Overlap measured={measured.data} />
                  </div>
                )}
              </Stack>
            </Section>
          </Grid.Col>
        </Grid>
        <Group>
          <Button type="submit" loading={isSending} disabled={include.parts.length === 0}>
            {groupId === null ? "Make the group" : "Save"}
          </Button>
          <Button
            variant="default"
            onClick={() => void navigate({ to: groupId ? `/target-groups/${groupId}` : "/target-groups" })}
          >
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Computed anew a moment after the lists change; what was shown stays meanwhile. */
function useMeasured(lists: Lists, groupId: string | null) {
  const [settled] = useDebouncedValue(lists, 250);
  return api.useQuery(
    "post",
    "/api/v1/target-groups/compose",
    { body: { ...toBody(settled), groupId } },
    { enabled: settled.include.parts.length > 0, placeholderData: keepPreviousData, retry: false },
  );
}
