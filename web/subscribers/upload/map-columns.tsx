import { Button, Group, Radio, Select, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { client, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { ProblemAlert } from "../../ui/states.tsx";
import { FirstRows } from "./first-rows.tsx";

const route = getRouteApi("/shell/target-groups/upload");

type Preview = Schema<"UploadPreview">;
type Dialect = Preview["dialect"];

interface Props {
  readonly preview: Preview;
  /** How the file is to be read, as far as somebody has said so. */
  readonly said: Partial<Dialect>;
  readonly onSay: (said: Partial<Dialect>) => void;
}

const encodingWords: Record<Dialect["encoding"], string> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16 (little endian)",
  "utf-16be": "UTF-16 (big endian)",
  "windows-1252": "Western European (Windows-1252)",
  "windows-1250": "Central European (Windows-1250)",
  "windows-1251": "Cyrillic (Windows-1251)",
  shift_jis: "Japanese (Shift JIS)",
  gb18030: "Simplified Chinese (GB 18030)",
  big5: "Traditional Chinese (Big5)",
  "euc-kr": "Korean (EUC-KR)",
};
const delimiterWords: Record<Dialect["delimiter"], string> = {
  ",": "Comma",
  ";": "Semicolon",
  "\t": "Tab",
  "|": "Vertical bar",
};
const options = <Value extends string>(words: Record<Value, string>) =>
  Object.entries<string>(words).map(([value, label]) => ({ value, label }));

/** How the file is read, what its columns are, and where it goes. Guesses are shown as what they are. */
export function MapColumns({ preview, said, onSay }: Props) {
  const { group, folder = null } = route.useSearch();
  const navigate = route.useNavigate();
  const reask = useReask("/target-groups", "/syncs", "/home");
  const { upload, dialect, header, rows, guess, fields } = preview;
  const [email, setEmail] = useState<number | null>(guess.email);
  const [places, setPlaces] = useState<Readonly<Record<string, number>>>(guess.fields);
  const { form, problem, isSending, send } = useApiForm<{ name: string; mode: "replace" | "add" }>({
    initialValues: { name: upload.fileName.replace(/\.[^.]*$/, ""), mode: "replace" },
  });
  const width = Math.max(header.length, ...rows.map(({ cells }) => cells.length), 1);
  const columnNames = Array.from({ length: width }, (_, at) => header[at]?.trim() || `Column ${at + 1}`);
  const columns = columnNames.map((label, at) => ({ value: String(at), label: `${at + 1}: ${label}` }));
  const submit = form.onSubmit(async ({ name, mode }) => {
    if (email === null) return;
    let groupId = group;
    const body = {
      target: group === undefined ? { name, folderId: folder } : { groupId: group },
      ...dialect,
      columns: { email, fields: places },
      mode,
    };
    const isTaken = await send(
      async () => {
        const { data } = await client.POST("/api/v1/uploads/{id}/import", {
          params: { path: { id: upload.id } },
          body,
        });
        groupId = data?.groupId ?? groupId;
      },
      { name, mode },
    );
    if (!isTaken) return;
    await reask();
    await navigate({ to: `/target-groups/${groupId}` });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <HowItIsRead upload={upload} dialect={dialect} said={said} onSay={onSay} />
        <Section
          title="What its columns are"
          about="Guessed from the names and from what stands in them: look whether it is right."
        >
          <Stack gap="md">
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              <Select
                label="E-mail address"
                required
                placeholder="Which column?"
                data={columns}
                value={email === null ? null : String(email)}
                onChange={(value) => setEmail(value === null ? null : Number(value))}
                error={email === null && "No column looks like addresses: choose one."}
              />
              {fields.map(({ name, displayName }) => (
                <Select
                  key={name}
                  label={displayName}
                  placeholder="Not in the file"
                  clearable
                  clearButtonProps={{ "aria-label": `${displayName} is not in the file` }}
                  data={columns}
                  value={places[name] === undefined ? null : String(places[name])}
                  onChange={(value) => {
                    const { [name]: _, ...others } = places;
                    setPlaces(value === null ? others : { ...others, [name]: Number(value) });
                  }}
                />
              ))}
            </SimpleGrid>
            {fields.length === 0 && (
              <Text size="sm" c="dimmed">
                Only the addresses are taken: no personalization field is kept in Bridge Configuration.
              </Text>
            )}
            <FirstRows columns={columnNames} rows={rows} email={email} taken={new Set(Object.values(places))} />
          </Stack>
        </Section>
        <Section title="Where it goes">
          <Stack maw={480}>
            {problem && <ProblemAlert error={problem} />}
            {group === undefined ? (
              <TextInput label="Name of the group" required maxLength={200} {...form.getInputProps("name")} />
            ) : (
              <Radio.Group label="People who are in the group, but not in the file" {...form.getInputProps("mode")}>
                <Stack gap="xs" mt="xs">
                  <Radio value="replace" label="Leave it: the group becomes what the file says" />
                  <Radio value="add" label="Stay: the file's people are added" />
                </Stack>
              </Radio.Group>
            )}
            <Group>
              <Button type="submit" loading={isSending} disabled={email === null}>
                Import
              </Button>
              <Button
                variant="default"
                onClick={() => void navigate({ to: group ? `/target-groups/${group}` : "/target-groups" })}
              >
                Cancel
              </Button>
            </Group>
          </Stack>
        </Section>
      </Stack>
    </form>
  );
}

function HowItIsRead({ upload, dialect, said, onSay }: Omit<Props, "preview"> & Pick<Preview, "upload" | "dialect">) {
  const { count } = useNumbers();
  return (
    <Section
      title="How it is read"
      about={
        <>
          <bdi>{upload.fileName}</bdi>, {count(Math.max(1, Math.round(upload.bytes / 1024)))} kB
        </>
      }
    >
      <SimpleGrid cols={{ base: 1, sm: 3 }} style={{ alignItems: "end" }}>
        <Select
          label="Encoding"
          allowDeselect={false}
          data={options(encodingWords)}
          value={dialect.encoding}
          onChange={(value) => value && onSay({ ...said, encoding: value as Dialect["encoding"] })}
        />
        <Select
          label="Between the cells"
          allowDeselect={false}
          data={options(delimiterWords)}
          value={dialect.delimiter}
          onChange={(value) => value && onSay({ ...said, delimiter: value as Dialect["delimiter"] })}
        />
        <Switch
          label="The first row names the columns"
          checked={dialect.hasHeader}
          onChange={(event) => onSay({ ...said, hasHeader: event.currentTarget.checked })}
          mb={8}
        />
      </SimpleGrid>
    </Section>
  );
}
