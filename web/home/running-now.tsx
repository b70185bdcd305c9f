import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useNumbers } from "../ui/numbers.ts";
import { SyncProgress } from "../ui/progress.tsx";
import { Section } from "../ui/section.tsx";
import { nameOf, triggerWords } from "../ui/sync-words.ts";
import classes from "./home.module.css";
import type { Home } from "./home.ts";

/** Syncs that run now, live, and how many wait behind them. */
export function RunningNow({ home }: { readonly home: Home }) {
  const { running, waiting } = home;
  const { count } = useNumbers();
  return (
    <Section
      title="Running now"
      actions={
        <Anchor component={Link} to="/syncs" fz="sm">
          All syncs
        </Anchor>
      }
    >
      {running.length === 0 && waiting === 0 && <Text c="dimmed">No sync runs or waits.</Text>}
      <Stack component="ul" gap={0} className={classes.list}>
        {running.map((sync) => (
          <li key={sync.id} className={classes.entry}>
            <div className={classes.said}>
              <Group justify="space-between" gap="xs" mb={6}>
                <Anchor component={Link} to={`/syncs/${sync.id}`} fw={560}>
                  <bdi>{nameOf(sync)}</bdi>
                </Anchor>
                <Text size="sm" c="dimmed">
                  {triggerWords[sync.trigger]}, <bdi>{sync.requestedBy}</bdi>
                </Text>
              </Group>
              <SyncProgress sync={sync} />
            </div>
          </li>
        ))}
      </Stack>
      {waiting > 0 && (
        <Text size="sm" mt="sm">
          <span className="number">{count(waiting)}</span> {waiting === 1 ? "sync waits" : "syncs wait"} for their turn.
        </Text>
      )}
    </Section>
  );
}
