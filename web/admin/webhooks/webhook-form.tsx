import { Button, Checkbox, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { Schema } from "../../api/client.ts";
import { eventWords, type WebhookType, webhookTypes } from "../../notices/event-words.ts";
import { useApiForm } from "../../ui/form.ts";
import { ProblemAlert } from "../../ui/states.tsx";

interface WebhookFormProps {
  readonly webhook?: Schema<"Webhook">;
  readonly submitLabel: string;
  readonly save: (values: { readonly url: string; readonly events: WebhookType[] }) => Promise<unknown>;
  readonly onCancel?: () => void;
}

/** A webhook's address and what it is told of. */
export function WebhookForm({ webhook, submitLabel, save, onCancel }: WebhookFormProps) {
  const { form, problem, isSending, isSaved, send } = useApiForm({
    initialValues: { url: webhook?.url ?? "", events: [...(webhook?.events ?? [])] as WebhookType[] },
  });
  const submit = form.onSubmit(async (values) => {
    await send(save, values);
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw="44rem">
        {problem && <ProblemAlert error={problem} />}
        <TextInput
          label="Address"
          placeholder="https://example.org/lockstep"
          type="url"
          required
          {...(!webhook && { "data-autofocus": true })}
          {...form.getInputProps("url")}
        />
        <Checkbox.Group label="Events" required {...form.getInputProps("events")}>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={6}>
            {webhookTypes.map((type) => (
              <Checkbox key={type} value={type} label={eventWords[type]} />
            ))}
          </SimpleGrid>
        </Checkbox.Group>
        <Group justify={onCancel ? "end" : "start"}>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          )}
          <Button type="submit" loading={isSending}>
            {submitLabel}
          </Button>
          {isSaved && (
            <Text size="sm" role="status">
              Saved
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
