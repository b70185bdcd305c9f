import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { SyncProgress } from "../../ui/progress.tsx";
import { Section } from "../../ui/section.tsx";
import { StateBadge, ToneBadge } from "../../ui/state-badge.tsx";
import { When } from "../../ui/when.tsx";
import classes from "./group-syncs.module.css";

type Story = Schema<"InstanceStory">;

/** The syncs that it waits for, each with its own progress. (product 1.3, publish) */
export function GroupSyncs({ story: { instance, groups } }: { readonly story: Story }) {
  return (
    <Section
      title="Groups in step"
      about={
        instance.state === "syncing" && instance.retryAt ? (
          <>
            What failed is tried again <When at={instance.retryAt} isAhead />.
          </>
        ) : (
          "Every group of the audience that comes from netFORUM Pro, what is inside compound groups and left out too."
        )
      }
    >
      <Stack component="ul" gap={0} className={classes.list}>
        {groups.map(({ group, sync, reason }) => (
          <li key={group.id} className={classes.entry}>
            {sync ? (
              <StateBadge state={sync.state} />
            ) : (
              <ToneBadge tone={reason ? "bad" : "quiet"}>{reason ? "Failed" : "Waiting"}</ToneBadge>
            )}
            <div className={classes.said}>
              <Group gap={6} mb={2}>
                <Anchor component={Link} to={`/target-groups/${group.id}`} fw={560}>
                  <bdi>{group.name}</bdi>
                </Anchor>
                {sync && (
                  <Anchor component={Link} to={`/syncs/${sync.id}`} fz="sm">
                    the sync
                  </Anchor>
                )}
              </Group>
              {sync ? <SyncProgress sync={sync} /> : <Text size="sm">{reason ?? "Not asked for yet"}</Text>}
            </div>
          </li>
        ))}
      </Stack>
    </Section>
  );
}
