import { Button, Group, Stack, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { rememberFocus } from "../../ui/return-focus.ts";
import { ProblemAlert } from "../../ui/states.tsx";

interface Naming {
  readonly title: string;
  /** What it is called now; empty for something new. */
  readonly name: string;
  readonly verb: string;
  readonly save: (name: string) => Promise<unknown>;
}

/** Asks for the name of a folder or a group. */
export function openNameForm({ title, ...naming }: Naming): void {
  const id = modals.open({
    title,
    children: <NameForm {...naming} onDone={() => modals.close(id)} />,
    onClose: rememberFocus(),
  });
}

interface NameFormProps extends Omit<Naming, "title"> {
  readonly onDone: () => void;
}

function NameForm({ name, verb, save, onDone }: NameFormProps) {
  const reask = useReask("/folders", "/target-groups");
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
