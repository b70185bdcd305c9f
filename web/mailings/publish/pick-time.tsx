import { Radio, Stack, Text } from "@mantine/core";
import "@mantine/dates/styles.css";
import { DateTimePicker } from "@mantine/dates";
import { useState } from "react";
import { useNow, useTimes } from "../../ui/when.tsx";
import { readZoneTime, type ZoneTime } from "../../ui/zone-time.ts";

const weekMs = 7 * 24 * 3600_000;

/** The instant that was chosen; null while none is. */
export interface Chosen {
  readonly at: string | null;
}

/**
 * A time by the account's clock. In the nights in which clocks are changed it says of a time that it doesn't exist, or
 * asks which of the two is meant. (reliability P16)
 */
export function PickTime({ onPick }: { readonly onPick: (chosen: Chosen) => void }) {
  const times = useTimes();
  const now = useNow();
  const [found, setFound] = useState<ZoneTime | null>(null);
  const [at, setAt] = useState<string | null>(null);
  const pick = (instant: string | null) => {
    const chosen = instant !== null && Date.parse(instant) > now ? instant : null;
    setAt(instant);
    onPick({ at: chosen });
  };
  const read = (local: string | null) => {
    const zoned = local === null ? null : readZoneTime(local, times.timeZone);
    setFound(zoned);
    pick(zoned?.kind === "once" ? zoned.at : null);
  };
  const hasPassed = at !== null && Date.parse(at) <= now;
  return (
    <Stack gap="xs">
      <DateTimePicker
        label="Time"
        description={`By the clock of ${times.timeZone.replaceAll("_", " ")}`}
        placeholder="Choose day and time"
        onChange={read}
        minDate={new Date(now)}
        clearable
        error={error(found, hasPassed, times.exact)}
        timePickerProps={{ withDropdown: true, minutesStep: 5 }}
      />
      {found?.kind === "twice" && (
        <Radio.Group
          label="The clock shows this time twice that night. Which is meant?"
          value={at ?? ""}
          onChange={pick}
        >
          <Stack gap={6} mt={6}>
            <Radio value={found.first} label={`The first: ${times.planned(found.first)}`} />
            <Radio value={found.second} label={`The second: ${times.planned(found.second)}`} />
          </Stack>
        </Radio.Group>
      )}
      {at !== null && !hasPassed && (
        <Text size="sm" aria-live="polite">
          Begins {times.planned(at)}
          {Date.parse(at) - now < weekMs && `, ${times.ago(at, now)}`}.
        </Text>
      )}
    </Stack>
  );
}

function error(found: ZoneTime | null, hasPassed: boolean, exact: (at: string) => string): string | null {
  if (found?.kind === "never")
    return `The clock skips this time that night: it is put forward. The next moment would be ${exact(found.next)}.`;
  return hasPassed ? "This time has passed." : null;
}
