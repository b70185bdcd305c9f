import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Modal,
  Stack,
  Switch,
  Textarea,
  TextInput,
  Tooltip,
  VisuallyHidden,
} from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { api, client, type Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useApiForm } from "../../ui/form.ts";
import { Section } from "../../ui/section.tsx";
import { newerSettings } from "../../ui/settings-form.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Empty, Loaded, ProblemAlert } from "../../ui/states.tsx";

type Field = Schema<"PersonalizationField">;

/** The fields that mailings can use: which are kept, and what stands where a person has no value. (product 2.5) */
export function Fields() {
  const fields = api.useQuery("get", "/api/v1/personalization-fields");
  const mayChange = useMay("fields:change");
  const [open, setOpen] = useState<Field | null>(null);
  const columns: readonly Column<Field>[] = [
    {
      id: "name",
      header: "Field",
      cell: (field) => (
        <>
          <bdi>{field.displayName}</bdi>
          <div style={{ color: "var(--mantine-color-dimmed)", fontSize: "var(--mantine-font-size-xs)" }}>
            {field.name}
          </div>
        </>
      ),
    },
    { id: "state", header: "State", cell: (field) => <FieldState field={field} /> },
    { id: "kept", header: "Values", cell: (field) => (field.isKept ? "kept here" : "read at publish") },
    { id: "default", header: "Default value", from: "md", cell: (field) => <bdi>{field.defaultValue || "—"}</bdi> },
    { id: "comment", header: "Comment", from: "lg", cell: (field) => <bdi>{field.comment}</bdi> },
    ...(mayChange
      ? [
          {
            id: "edit",
            header: <VisuallyHidden>Change</VisuallyHidden>,
            kind: "action" as const,
            cell: (field: Field) => (
              <Tooltip label="Change this field">
                <ActionIcon variant="subtle" aria-label={`Change ${field.displayName}`} onClick={() => setOpen(field)}>
                  <IconPencil size={17} />
                </ActionIcon>
              </Tooltip>
            ),
          },
        ]
      : []),
  ];
  return (
    <Section
      anchor="fields"
      title="Personalization fields"
      about="E-mail address and remote ID are always kept. Another field's values are kept only if you say so; else they are read when a mailing is published."
    >
      <Loaded query={fields}>
        {(rows) => (
          <DataTable
            label="Personalization fields"
            columns={columns}
            rows={rows}
            idOf={(field) => field.name}
            empty={<Empty title="No fields yet">Refresh Target Group List brings them.</Empty>}
          />
        )}
      </Loaded>
      <Modal opened={open !== null} onClose={() => setOpen(null)} title={open?.displayName ?? ""}>
        {open && (
          <FieldForm
            key={open.version}
            field={open}
            onDone={() => setOpen(null)}
            onReload={async () => {
              const { data } = await fields.refetch();
              setOpen(data?.find(({ name }) => name === open.name) ?? null);
            }}
          />
        )}
      </Modal>
    </Section>
  );
}

function FieldState({ field }: { readonly field: Field }) {
  if (field.missingSince !== null) return <ToneBadge tone="warn">Missing in netFORUM Pro</ToneBadge>;
  return field.isValid ? <ToneBadge tone="good">Valid</ToneBadge> : <ToneBadge tone="quiet">Not offered</ToneBadge>;
}

interface FieldFormProps {
  readonly field: Field;
  readonly onDone: () => void;
  /** Begins anew with what somebody else saved meanwhile. */
  readonly onReload: () => Promise<void>;
}

function FieldForm({ field, onDone, onReload }: FieldFormProps) {
  const reask = useReask("/personalization-fields");
  const { displayName, defaultValue, comment, isValid, isKept } = field;
  const { form, problem, isSending, send } = useApiForm({
    initialValues: { displayName, defaultValue, comment, isValid, isKept },
  });
  const stopsKeeping = isKept && !form.values.isKept;
  const submit = form.onSubmit(async (values) => {
    const params = { path: { name: field.name } };
    const body = { ...values, version: field.version };
    if (!(await send(() => client.PATCH("/api/v1/personalization-fields/{name}", { params, body }), values))) return;
    await reask();
    onDone();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} {...newerSettings(problem.status, () => void onReload())} />}
        <TextInput label="Display name" required data-autofocus {...form.getInputProps("displayName")} />
        <TextInput
          label="Default value"
          description="Stands where a person has no value"
          {...form.getInputProps("defaultValue")}
        />
        <Textarea label="Comment" autosize minRows={2} {...form.getInputProps("comment")} />
        <Switch
          label="Valid"
          description="Offered where mailings are written"
          {...form.getInputProps("isValid", { type: "checkbox" })}
        />
        <Checkbox
          label="Keep its values here"
          description={
            stopsKeeping
              ? "The values that are here now will be forgotten."
              : "They come with each sync, and can be searched. Otherwise they are read at publish and forgotten."
          }
          {...form.getInputProps("isKept", { type: "checkbox" })}
        />
        <Group justify="end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending}>
            Save the field
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
