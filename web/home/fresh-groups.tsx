import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useNumbers } from "../ui/numbers.ts";
import { Section } from "../ui/section.tsx";
import classes from "./home.module.css";
import type { Home } from "./home.ts";

const ages = [
  ["hour", "in the last hour", "var(--mantine-color-step-7)"],
  ["day", "in the last 24 hours", "var(--mantine-color-step-5)"],
  ["week", "in the last 7 days", "var(--mantine-color-step-3)"],
  ["older", "longer ago", "var(--mantine-color-orange-5)"],
  ["never", "never so far", "var(--mantine-color-gray-5)"],
] as const;

/** How long ago the groups were counted, as one bar and in numbers. */
export function FreshGroups({ freshness }: { readonly freshness: Home["freshness"] }) {
  const { count } = useNumbers();
  const all = ages.reduce((sum, [age]) => sum + freshness[age], 0);
  const shown = ages.filter(([age]) => freshness[age] > 0);
  return (
    <Section
      title="How fresh the groups are"
      actions={
        <Anchor component={Link} to="/target-groups" fz="sm">
          Target Groups
        </Anchor>
      }
    >
      <div className={classes.bar} aria-hidden>
        {shown.map(([age, , color]) => (
          <span key={age} style={{ flex: freshness[age], background: color, minWidth: 3 }} />
        ))}
      </div>
      <ul className={classes.legend}>
        {ages.map(([age, words, color]) => (
          <li key={age}>
            <span className={classes.dot} style={{ background: color }} aria-hidden />
            <span>Counted {words}</span>
            <Text span inherit className="number" ta="end">
              {count(freshness[age])}
            </Text>
          </li>
        ))}
        <li>
          <span />
          <Text span inherit fw={600}>
            Groups of the bridge
          </Text>
          <Text span inherit fw={600} className="number" ta="end">
            {count(all)}
          </Text>
        </li>
      </ul>
    </Section>
  );
}
