import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { api } from "../../api/client.ts";
import { Loaded } from "../../ui/states.tsx";
import type { EditingProps } from "./envelope.tsx";
import { useDraftState } from "./use-draft.ts";

/** The text for programs that show no HTML: made from the body until somebody writes in it. */
export function TextPart({ draft, content, isEditable }: EditingProps) {
  const { textPart } = content;
  const { saved } = useDraftState(draft);
  // What the body says is known only with what is typed: it is asked for as it stands.
  const made = api.useQuery(
    "post",
    "/api/v1/mailings/{id}/compile",
    { params: { path: { id: saved.id } }, body: { bodyKind: content.bodyKind, body: content.body } },
    { enabled: textPart === null, retry: false },
  );
  if (textPart === null) {
    return (
      <Loaded query={made} lines={8}>
        {({ text }) => (
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              Made from the body, and kept in step with it until you write here.
            </Text>
            <Textarea
              aria-label="Text part"
              readOnly
              autosize
              minRows={10}
              maxRows={30}
              value={text}
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            />
            {isEditable && (
              <Group>
                <Button size="xs" variant="default" onClick={() => draft.change({ textPart: text })}>
                  Write it by hand
                </Button>
              </Group>
            )}
          </Stack>
        )}
      </Loaded>
    );
  }
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Written by hand: changes of the body don't come here.
      </Text>
      <Textarea
        aria-label="Text part"
        autosize
        minRows={10}
        maxRows={30}
        readOnly={!isEditable}
        value={textPart}
        onChange={({ currentTarget }) => draft.change({ textPart: currentTarget.value })}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
      {isEditable && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => draft.change({ textPart: null })}
          >
            Make it from the body again
          </Button>
        </Group>
      )}
    </Stack>
  );
}
