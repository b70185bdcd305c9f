import { Anchor, NumberInput, Select, SimpleGrid, Stack, Switch, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { client, type Schema } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { Section } from "../../ui/section.tsx";
import { SettingsForm } from "../../ui/settings-form.tsx";

interface GuardProps {
  readonly bridge: Schema<"Bridge">;
  readonly mayChange: boolean;
  /** The version that the page's forms began with, or last saved: a newer one is somebody else's. */
  readonly version: number;
  readonly onSaved: (version: number) => void;
  /** Begins anew with what somebody else saved meanwhile. */
  readonly onReload: () => void;
}

const hours = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, "0")}:00`,
}));

/** When a read is held, when the Nightly Sync begins, and how many sessions may be open at once. (product 1.3 to 1.5) */
export function GuardAndNightly({ bridge, mayChange, version, onSaved, onReload }: GuardProps) {
  const { account } = useMe();
  const reask = useReask("/bridge", "/nightly", "/target-groups");
  // The preference link has a form of its own on this page.
  const { preferenceLink: _, ...settings } = bridge.settings;
  const { form, send, ...state } = useApiForm({
    initialValues: {
      ...settings,
      guardAbsolute: (settings.guardAbsolute ?? "") as number | "",
      nightlyHour: String(settings.nightlyHour),
    },
  });
  const submit = form.onSubmit(async (values) => {
    const body = {
      ...values,
      guardAbsolute: values.guardAbsolute === "" ? null : values.guardAbsolute,
      nightlyHour: Number(values.nightlyHour),
      version,
    };
    const save = async () => {
      const { data } = await client.PUT("/api/v1/bridge", { body });
      if (data) onSaved(data.version);
    };
    if (!(await send(save, values))) return;
    await reask();
  });
  return (
    <Section anchor="guard" title="Guard and Nightly Sync">
      <SettingsForm
        state={state}
        onSubmit={submit}
        saveLabel={mayChange ? "Save guard and night" : null}
        onReload={onReload}
      >
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
          <Stack>
            <Text size="sm" c="dimmed">
              A read that would remove too many people is held until an administrator has looked at it. A group can have
              numbers of its own.
            </Text>
            <NumberInput
              label="Hold when more than this share would go"
              suffix="%"
              min={0}
              max={100}
              disabled={!mayChange}
              {...form.getInputProps("guardPercent")}
            />
            <NumberInput
              label="… of a group of at least"
              suffix=" people"
              min={0}
              disabled={!mayChange}
              {...form.getInputProps("guardMinimum")}
            />
            <NumberInput
              label="Hold when more people than this would go"
              description="Whatever share they are; empty for no such limit"
              suffix=" people"
              min={1}
              disabled={!mayChange}
              {...form.getInputProps("guardAbsolute")}
            />
          </Stack>
          <Stack>
            <Text size="sm" c="dimmed">
              Each night the list is refreshed and the groups in use are synced.{" "}
              <Anchor component={Link} to="/admin/nightly">
                Last runs, and what the next takes
              </Anchor>
            </Text>
            <Switch
              label="Nightly Sync"
              disabled={!mayChange}
              {...form.getInputProps("nightlyIsOn", { type: "checkbox" })}
            />
            <Select
              label="Begins at"
              description={`In the account's zone, ${account?.timeZone}`}
              data={hours}
              allowDeselect={false}
              disabled={!mayChange || !form.values.nightlyIsOn}
              {...form.getInputProps("nightlyHour")}
            />
            <NumberInput
              label="Sessions at once"
              description="How many groups netFORUM Pro is asked for at the same time"
              min={1}
              max={16}
              disabled={!mayChange}
              {...form.getInputProps("sessionLimit")}
            />
          </Stack>
        </SimpleGrid>
      </SettingsForm>
    </Section>
  );
}
