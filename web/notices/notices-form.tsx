import { Alert, Group, Select, Stack, Text } from "@mantine/core";
import { IconMailOff } from "@tabler/icons-react";
import type { Schema } from "../api/client.ts";
import { useApiForm } from "../ui/form.ts";
import { Section } from "../ui/section.tsx";
import { SettingsForm } from "../ui/settings-form.tsx";
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
  const { form, send, ...state } = useApiForm<Choices>({
    initialValues: settings.choices,
  });
  const submit = form.onSubmit(async (values) => {
    await send(save, values);
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
        <SettingsForm state={state} onSubmit={submit} saveLabel="Save" maw="40rem">
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
        </SettingsForm>
      </Section>
    </Stack>
  );
}
