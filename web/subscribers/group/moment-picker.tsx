import "@mantine/dates/styles.css";
import { DateTimePicker } from "@mantine/dates";

interface MomentPickerProps {
  /** The moment chosen, as an instant. */
  readonly at: string | undefined;
  readonly onChange: (at: string | undefined) => void;
}

/** Chooses a past moment. */
export function MomentPicker({ at, onChange }: MomentPickerProps) {
  return (
    <DateTimePicker
      label="As of"
      placeholder="Now"
      clearable
      value={at ? new Date(at) : null}
      onChange={(value) => onChange(value ? new Date(value).toISOString() : undefined)}
      maxDate={new Date()}
      w={{ base: "100%", xs: 220 }}
    />
  );
}
