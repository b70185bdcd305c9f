import { Alert, Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconMailOff } from "@tabler/icons-react";
import { useState } from "react";
import type { Schema } from "../api/client.ts";
import { useApiForm } from "../ui/form.ts";
import { Section } from "../ui/section.tsx";
import { ProblemAlert } from "../ui/states.tsx";
import { eventWords, noticeTypes } from "./event-words.ts";

type Settings = Schema<"NoticeSettings">;
type Choices = Settings["choices"];

const ways: readonly { readonly value: Choices[keyof Choices]; readonly label: string }[] = [
  { value: "at_once", label: "At once" },
  { value: "digest", label: "In the daily digest" },
  { value: "none", label: "Not at all" },
];

interface NoticesFormProps {
  readonly settings: Settings;
  readonly save: (choices: Choices) => Promise<unknown>;
}

/** What somebody is told by mail, one choice for each kind. */
export function NoticesForm({ settings, save }: NoticesFormProps) {
  const [isSaved, setIsSaved] = useState(false);
  const { form, problem, isSending, send } = useApiForm<Choices>({
    initialValues: settings.choices,
    onValuesChange: () => setIsSaved(false),
  });
  const submit = form.onSubmit(async (values) => {
    if (await send(save, values)) setIsSaved(true);
  });
  return (
    <Stack gap="lg">
      {!settings.isMailConfigured && (
        <Alert color="orange" icon={<IconMailOff aria-hidden />} title="This installation sends no mail">
          Nobody is told by mail until its operator sets a relay (LOCKSTEP_SMTP_URL). What is chosen here holds from
          then on; Home shows what needs somebody all the same.
        </Alert>
      )}
      <Section
        title="Told by mail"
        about="At once means within minutes: what comes together is one mail, at most one in half an hour. The digest leaves once a day, at the hour in the account settings, and only if there is something to tell."
      >
        <form onSubmit={submit} noValidate>
          <Stack maw="40rem">
            {problem && <ProblemAlert error={problem} />}
            {noticeTypes.map((type) => (
              <Group key={type} justify="space-between" gap="xs" wrap="wrap">
                <Text flex="1 1 14rem">{eventWords[type]}</Text>
                <Select
                  aria-label={eventWords[type]}
                  data={ways}
                  allowDeselect={false}
                  w={{ base: "100%", xs: "14rem" }}
                  // Not by the form's own way: to it, the dot in a name would be a path.
                  value={form.values[type]}
                  onChange={(way) => form.setValues({ ...form.values, [type]: way })}
                />
              </Group>
            ))}
            <Group>
              <Button type="submit" loading={isSending}>
                Save
              </Button>
              {isSaved && (
                <Text size="sm" role="status">
                  Saved
                </Text>
              )}
            </Group>
          </Stack>
        </form>
      </Section>
    </Stack>
  );
}
