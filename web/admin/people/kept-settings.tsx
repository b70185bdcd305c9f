import { NumberInput, Select, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { daysInWords } from "../../ui/days.ts";
import { Section } from "../../ui/section.tsx";

interface Values {
  readonly mailingDetailKeptDays: number | null;
  readonly syncDetailKeptDays: number | null;
  readonly uploadsKeptDays: number;
}

const usual = [30, 90, 180, 365, 730, 1095, 1825, 3650];

/** What the nightly housekeeping leaves, and how long. (product 2.5) */
export function KeptSettings<T extends Values>({ form }: { readonly form: UseFormReturnType<T> }) {
  const choice = (name: "mailingDetailKeptDays" | "syncDetailKeptDays") => {
    const own = form.values[name];
    const days = own === null || usual.includes(own) ? usual : [...usual, own].toSorted((a, b) => a - b);
    return {
      data: [
        ...days.map((value) => ({ value: String(value), label: daysInWords(value) })),
        { value: "ever", label: "For ever" },
      ],
      value: own === null ? "ever" : String(own),
      allowDeselect: false,
      error: form.errors[name],
      onChange: (value: string | null) =>
        form.setFieldValue(name, (value === "ever" || value === null ? null : Number(value)) as never),
    };
  };
  return (
    <Section
      title="What is kept"
      anchor="kept"
      about="What is older goes at night. Members and their history, recipients, what reports count, and the audit log always stay."
    >
      <Stack>
        <Select
          label="Opens, clicks and other answers"
          description="One by one, and who was left out of a mailing; from the mailing's end on."
          {...choice("mailingDetailKeptDays")}
        />
        <Select
          label="Detail of syncs"
          description="Their stories, rows set aside that are gone, verdicts of nights."
          {...choice("syncDetailKeptDays")}
        />
        <NumberInput
          label="Days that an uploaded file waits"
          description="One that nobody imports is erased then."
          min={1}
          max={30}
          clampBehavior="strict"
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps("uploadsKeptDays")}
        />
      </Stack>
    </Section>
  );
}
