import { Button, Group, Stack, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { api, client } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import type { Folder } from "./search.ts";

/** @param parentId the folder that the new one stands in; null for the top */
export function openNewFolder(parentId: string | null): void {
  const save = (name: string) => client.POST("/api/v1/folders", { body: { name, parentId } });
  openForm("New folder", "", "Make the folder", save);
}

export function openRenameFolder({ id, name, version }: Folder): void {
  const save = (next: string) =>
    client.PATCH("/api/v1/folders/{id}", { params: { path: { id } }, body: { name: next, version } });
  openForm("Rename folder", name, "Rename", save);
}

function openForm(title: string, name: string, verb: string, save: (name: string) => Promise<unknown>): void {
  const id = modals.open({
    title,
    children: <NameForm name={name} verb={verb} save={save} onDone={() => modals.close(id)} />,
  });
}

interface NameFormProps {
  readonly name: string;
  readonly verb: string;
  readonly save: (name: string) => Promise<unknown>;
  readonly onDone: () => void;
}

function NameForm({ name, verb, save, onDone }: NameFormProps) {
  const reask = useReask("/folders");
  const { form, problem, isSending, send } = useApiForm({ initialValues: { name } });
  const submit = form.onSubmit(async (values) => {
    if (!(await send((given) => save(given.name), values))) return;
    await reask();
    onDone();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <TextInput label="Name" required data-autofocus maxLength={200} {...form.getInputProps("name")} />
        <Group justify="end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Deletes an empty folder at once, and offers the way back. */
export function useDeleteFolder(): (folder: Folder) => void {
  const onSettled = useReask("/folders");
  const undelete = api.useMutation("post", "/api/v1/folders/{id}/undelete", { onError: tellProblem, onSettled });
  const remove = api.useMutation("delete", "/api/v1/folders/{id}", { onError: tellProblem, onSettled });
  return ({ id, name }) => {
    const params = { path: { id } };
    const undo = () => undelete.mutate({ params });
    remove.mutate({ params }, { onSuccess: () => tell({ title: `Folder “${name}” deleted`, undo }) });
  };
}
