import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { api, client } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { useReturnFocus } from "../../ui/return-focus.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import type { Mailing } from "../mailing.ts";
import { pathOf } from "./mailing-actions.ts";

interface Props {
  readonly isTemplate: boolean;
  readonly onClose: () => void;
}

/** A name, and what it begins with: nothing, or a template. */
export function NewMailingModal({ isTemplate, onClose }: Props) {
  const navigate = useNavigate();
  useReturnFocus();
  const reask = useReask("/mailings");
  const templates = api.useQuery(
    "get",
    "/api/v1/mailings",
    { params: { query: { template: "true", limit: 200 } } },
    { enabled: !isTemplate },
  );
  const { form, problem, isSending, send } = useApiForm({ initialValues: { name: "", copyOf: "" } });
  const submit = form.onSubmit(async (values) => {
    let made: Mailing | null = null;
    const isMade = await send(async ({ name, copyOf }) => {
      const { data } = await client.POST("/api/v1/mailings", {
        body: { name, isTemplate, ...(copyOf && { copyOf }) },
      });
      made = data as Mailing;
    }, values);
    if (!isMade || made === null) return;
    await reask();
    await navigate({ to: pathOf(made) });
  });
  const choices = templates.data?.items ?? [];
  return (
    <Modal opened onClose={onClose} title={isTemplate ? "New template" : "New mailing"}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {problem && <ProblemAlert error={problem} />}
          <TextInput
            label="Name"
            description="For you and your colleagues; members never see it."
            placeholder={isTemplate ? "Monthly newsletter" : "Newsletter, March"}
            required
            maxLength={200}
            data-autofocus
            {...form.getInputProps("name")}
          />
          {!isTemplate && (
            <Select
              label="Begin with"
              {...(choices.length === 0 && { description: "Templates stand here once there are any." })}
              data={[
                { value: "", label: "An empty mailing" },
                ...choices.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              allowDeselect={false}
              searchable={choices.length > 8}
              {...form.getInputProps("copyOf")}
            />
          )}
          <Group>
            <Button type="submit" loading={isSending}>
              Begin
            </Button>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
