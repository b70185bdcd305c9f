import { Text } from "@mantine/core";
import { LineOverTime } from "../ui/line-over-time.tsx";
import { useNumbers } from "../ui/numbers.ts";
import { Section } from "../ui/section.tsx";
import { useTimes } from "../ui/when.tsx";
import type { Home } from "./home.ts";

/** Sendable people on each day, over 90 days. */
export function AudienceGrowth({ sizes }: { readonly sizes: Home["audience"] }) {
  const { count, change } = useNumbers();
  const times = useTimes();
  const points = sizes.map(({ date, sendable }) => ({ at: times.date(`${date}T12:00:00Z`), value: sendable }));
  const [first, last] = [points[0], points.at(-1)];
  return (
    <Section title="Audience" about="E-mail addresses in your groups that you may write to">
      {last ? (
        <>
          <Text fz="1.75rem" fw={620} className="number" lh={1.2}>
            {count(last.value)}
          </Text>
          {first && points.length > 1 ? (
            <>
              <Text size="sm" c="dimmed" mb="sm">
                {change(last.value - first.value)} since {first.at}
              </Text>
              <LineOverTime label="Sendable people" points={points} />
            </>
          ) : (
            <Text size="sm" c="dimmed">
              Measured each day; the line begins tomorrow.
            </Text>
          )}
        </>
      ) : (
        <Text c="dimmed">Measured within a minute of the first sync.</Text>
      )}
    </Section>
  );
}
