import { NumberInput, Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, client, type Schema } from "../../api/client.ts";
import { meQuery, useMay } from "../../api/me.ts";
import { useApiForm } from "../../ui/form.ts";
import { createNumbers } from "../../ui/numbers.ts";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { SettingsForm } from "../../ui/settings-form.tsx";
import { Loaded } from "../../ui/states.tsx";
import { timeZones } from "../../ui/time-zones.ts";
import { KeptSettings } from "./kept-settings.tsx";
import { MailingSettings } from "./mailing-settings.tsx";
import { SignInProviderSection } from "./sign-in-provider-section.tsx";

const locales = [
  "en-US",
  "en-GB",
  "en-CA",
  "de-DE",
  "fr-FR",
  "fr-CA",
  "es-ES",
  "es-MX",
  "pt-BR",
  "nl-NL",
  "it-IT",
  "sv-SE",
  "pl-PL",
  "ja-JP",
];

/** Admin › Account settings: name, zone, how dates and numbers are written, sender, mailings, second factor. */
export function AccountPage() {
  const account = api.useQuery("get", "/api/v1/account");
  const [begun, setBegun] = useState(0);
  const mayChange = useMay("account:change");
  const reload = () => void account.refetch().then(() => setBegun(begun + 1));
  return (
    <Page title="Account settings">
      <Loaded query={account} lines={8}>
        {(found) => <AccountForm key={begun} account={found} onReload={reload} />}
      </Loaded>
      {mayChange && <SignInProviderSection />}
    </Page>
  );
}

interface AccountFormProps {
  readonly account: Schema<"Account">;
  readonly onReload: () => void;
}

function AccountForm({ account, onReload }: AccountFormProps) {
  const memory = useQueryClient();
  const [version, setVersion] = useState(account.version);
  const { name, timeZone, locale, senderName, senderAddress, requiresSecondFactor } = account;
  const { postalAddress, openTracking, valuesKeptDays, digestHour } = account;
  const { mailingDetailKeptDays, syncDetailKeptDays, uploadsKeptDays } = account;
  const { form, send, ...state } = useApiForm({
    initialValues: {
      name,
      timeZone,
      locale,
      senderName,
      senderAddress,
      requiresSecondFactor,
      postalAddress,
      openTracking,
      valuesKeptDays,
      mailingDetailKeptDays,
      syncDetailKeptDays,
      uploadsKeptDays,
      digestHour,
    },
  });
  const submit = form.onSubmit(async (values) => {
    const save = async () => {
      const { data } = await client.PUT("/api/v1/account", { body: { ...values, version } });
      if (data) setVersion(data.version);
    };
    if (!(await send(save, values))) return;
    await memory.invalidateQueries({ queryKey: meQuery.queryKey });
    await memory.invalidateQueries();
  });
  return (
    <SettingsForm state={state} onSubmit={submit} saveLabel="Save the settings" onReload={onReload} gap="lg">
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Stack gap="lg">
          <Section title="The account">
            <Stack>
              <TextInput label="Name" required {...form.getInputProps("name")} />
              <Select
                label="Time zone"
                description="Dates and hours are shown in it; the Nightly Sync begins by it."
                searchable
                allowDeselect={false}
                data={timeZones()}
                {...form.getInputProps("timeZone")}
              />
              <Select
                label="Language of dates and numbers"
                searchable
                allowDeselect={false}
                data={localeOptions(locale)}
                description={example(form.values.locale, form.values.timeZone)}
                {...form.getInputProps("locale")}
              />
              <NumberInput
                label="Hour of the daily digest"
                description="When users get it who chose it under Notices: 0 to 23, by this time zone."
                min={0}
                max={23}
                clampBehavior="strict"
                allowDecimal={false}
                {...form.getInputProps("digestHour")}
              />
            </Stack>
          </Section>
          <Section title="Signing in">
            <Switch
              label="Everybody needs a second factor"
              description="Who has none sets one up at the next sign-in, before anything else."
              {...form.getInputProps("requiresSecondFactor", { type: "checkbox" })}
            />
          </Section>
          <KeptSettings form={form} />
        </Stack>
        <Stack gap="lg">
          <Section title="Sender" about="Who mailings come from, unless one says otherwise.">
            <Stack>
              <TextInput label="Sender's name" {...form.getInputProps("senderName")} />
              <TextInput label="Sender's address" type="email" {...form.getInputProps("senderAddress")} />
            </Stack>
          </Section>
          <MailingSettings form={form} />
        </Stack>
      </SimpleGrid>
    </SettingsForm>
  );
}

function localeOptions(own: string) {
  const names = new Intl.DisplayNames("en", { type: "language" });
  return [...new Set([own, ...locales])].map((value) => ({ value, label: names.of(value) ?? value }));
}

/** How it will look. */
function example(locale: string, timeZone: string): string {
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone }).format(
    new Date(),
  );
  return `Like this: ${date} · ${createNumbers(locale).count(1_234_567.8)}`;
}
