import { NumberInput, Radio, Stack, Textarea } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { Schema } from "../../api/client.ts";
import { Section } from "../../ui/section.tsx";

type Account = Schema<"Account">;
type Tracking = Account["openTracking"];

interface Values {
  readonly postalAddress: string;
  readonly openTracking: Tracking;
  readonly valuesKeptDays: number;
}

/** What each mode records, and what it asks of the account. (product 4.5) */
const modes: readonly { readonly value: Tracking; readonly label: string; readonly about: string }[] = [
  {
    value: "off",
    label: "Off",
    about:
      "No picture is put into mails, nothing is recorded. Clicks, bounces and unsubscribes are counted all the same.",
  },
  {
    value: "aggregate",
    label: "Counted together",
    about:
      "How often a mailing was opened, never by whom. It is an estimate: many programs fetch pictures by themselves.",
  },
  {
    value: "person",
    label: "Person by person",
    about:
      "Who opened, and when. In many countries each person must have agreed to this beforehand (in France it is asked for expressly): choose it only if you have that consent and can show it.",
  },
];

/** What every mailing of the account carries, and what is recorded of its readers. */
export function MailingSettings<T extends Values>({ form }: { readonly form: UseFormReturnType<T> }) {
  return (
    <Section title="Mailings" about="It holds for what is published from now on.">
      <Stack>
        <Textarea
          label="Postal address"
          description="Stands in every mailing, as the law asks; without it nothing is published."
          autosize
          minRows={3}
          maxLength={500}
          {...form.getInputProps("postalAddress")}
        />
        <Radio.Group label="Opens" {...form.getInputProps("openTracking")}>
          <Stack gap="xs" mt={6}>
            {modes.map(({ value, label, about }) => (
              <Radio key={value} value={value} label={label} description={about} />
            ))}
          </Stack>
        </Radio.Group>
        <NumberInput
          label="Days that personal values are kept"
          description="Values that a mailing was filled with are erased so long after it was sent."
          min={1}
          max={3650}
          clampBehavior="strict"
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps("valuesKeptDays")}
        />
      </Stack>
    </Section>
  );
}
