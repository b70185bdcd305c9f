import { Button, FileInput, Group, Progress, Stack, Text } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { api, toProblem } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Loaded, ProblemAlert } from "../../ui/states.tsx";
import { MapColumns } from "./map-columns.tsx";
import { sendFile } from "./send-file.ts";

const route = getRouteApi("/shell/target-groups/upload");

/** Subscribers › Target Groups › Upload a list: the file, what its columns are, and then the group. (product 3.3) */
export function UploadPage() {
  const { upload, group } = route.useSearch();
  const target = api.useQuery(
    "get",
    "/api/v1/target-groups/{id}",
    { params: { path: { id: group ?? "" } } },
    { enabled: group !== undefined },
  );
  const name = target.data?.name;
  return (
    <Page
      title={group === undefined ? "Upload a list" : `Upload to ${name ?? "the group"}`}
      trail={[
        { label: "Target Groups", to: "/target-groups" },
        ...(group === undefined ? [] : [{ label: name ?? "…", to: `/target-groups/${group}` }]),
      ]}
      about="A CSV file becomes a static group. Nothing is changed before you have seen how the file is read."
    >
      {upload === undefined ? <ChooseFile /> : <Preview id={upload} />}
    </Page>
  );
}

function ChooseFile() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { percent } = useNumbers();
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const sending = useRef<AbortController>(null);
  const send = async () => {
    if (!file) return;
    sending.current = new AbortController();
    setProblem(null);
    setShare(0);
    try {
      const { id } = await sendFile(file, setShare, sending.current.signal);
      await navigate({ search: { ...search, upload: id } });
    } catch (error) {
      if (!sending.current.signal.aborted) setProblem(toProblem(error));
    } finally {
      setShare(null);
    }
  };
  return (
    <Section
      title="The file"
      about="CSV from a spreadsheet or another program, up to 512 MB: one person a row, with an e-mail address."
    >
      <Stack maw={480}>
        {problem !== null && <ProblemAlert error={problem} />}
        <FileInput
          label="CSV file"
          placeholder="Choose a file"
          accept=".csv,.txt,.tsv,text/csv"
          clearable
          clearButtonProps={{ "aria-label": "Choose no file" }}
          leftSection={<IconUpload size={16} aria-hidden />}
          value={file}
          onChange={setFile}
          disabled={share !== null}
        />
        {share !== null && (
          <div aria-live="polite">
            <Progress value={share * 100} aria-label="Sent" />
            <Text size="sm" c="dimmed" mt={4}>
              {share < 1 ? `${percent(share)} sent` : "Sent; it is being looked at"}
            </Text>
          </div>
        )}
        <Group>
          <Button onClick={() => void send()} disabled={file === null} loading={share !== null}>
            Go on
          </Button>
          {share !== null && (
            <Button variant="default" onClick={() => sending.current?.abort()}>
              Cancel
            </Button>
          )}
        </Group>
      </Stack>
    </Section>
  );
}

function Preview({ id }: { readonly id: string }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [said, setSaid] = useState<Parameters<typeof MapColumns>[0]["said"]>({});
  const { hasHeader, ...dialect } = said;
  const query = {
    ...dialect,
    ...(hasHeader !== undefined && { hasHeader: hasHeader ? ("true" as const) : ("false" as const) }),
  };
  const preview = api.useQuery(
    "get",
    "/api/v1/uploads/{id}/preview",
    { params: { path: { id }, query } },
    { staleTime: Number.POSITIVE_INFINITY, retry: false },
  );
  return (
    <Stack>
      <Loaded query={preview} lines={10}>
        {(found) => <MapColumns key={JSON.stringify(found.dialect)} preview={found} said={said} onSay={setSaid} />}
      </Loaded>
      {preview.isError && (
        <Group>
          <Button
            variant="default"
            onClick={() => {
              const { upload: _, ...kept } = search;
              void navigate({ search: kept });
            }}
          >
            Choose another file
          </Button>
          {Object.keys(said).length > 0 && (
            <Button variant="default" onClick={() => setSaid({})}>
              Read it as it seems
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
