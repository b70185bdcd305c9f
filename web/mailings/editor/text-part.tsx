import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import type { EditingProps } from "./envelope.tsx";

/** The text for programs that show no HTML: made from the body until somebody writes in it. */
export function TextPart({ draft, content, isEditable }: EditingProps) {
  const { textPart } = content;
  if (textPart === null) {
    return (
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          Made from the body when the mailing is sent, and kept in step with it until you write it by hand.
        </Text>
        {isEditable && (
          <Group>
            <Button size="xs" variant="default" onClick={() => draft.change({ textPart: "" })}>
              Write it by hand
            </Button>
          </Group>
        )}
      </Stack>
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
