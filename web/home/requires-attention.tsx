import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Section } from "../ui/section.tsx";
import { ToneBadge } from "../ui/state-badge.tsx";
import type { Tone } from "../ui/sync-words.ts";
import { When } from "../ui/when.tsx";
import classes from "./home.module.css";
import type { Home } from "./home.ts";

type Trouble = Home["troubles"][number];

const looks: Record<Trouble["kind"], { readonly word: string; readonly tone: Tone; readonly wayOut: string }> = {
  held: { word: "Held", tone: "warn", wayOut: "Review who would come and go" },
  failed: { word: "Failed", tone: "bad", wayOut: "See what happened" },
  missing: { word: "Missing", tone: "quiet", wayOut: "Look at the group" },
};

function placeOf({ kind, groupId, syncId }: Trouble): string {
  if (kind === "held") return `/syncs/${syncId}/review`;
  return kind === "failed" ? `/syncs/${syncId}` : `/target-groups/${groupId}`;
}

/** Everything that waits for a person, each with its reason and the way to it. */
export function RequiresAttention({ home }: { readonly home: Home }) {
  const { troubles, moreTroubles } = home;
  return (
    <Section title="Requires attention">
      {troubles.length === 0 ? (
        <Text c="dimmed">Nothing requires attention: every group is as its last sync left it.</Text>
      ) : (
        <Stack component="ul" gap={0} className={classes.list}>
          {troubles.map((trouble) => {
            const { word, tone, wayOut } = looks[trouble.kind];
            return (
              <li key={`${trouble.kind} ${trouble.groupId}`} className={classes.entry}>
                <ToneBadge tone={tone}>{word}</ToneBadge>
                <div className={classes.said}>
                  <Anchor component={Link} to={`/target-groups/${trouble.groupId}`} fw={560}>
                    <bdi>{trouble.groupName}</bdi>
                  </Anchor>{" "}
                  <Text span size="sm" c="dimmed">
                    <When at={trouble.at} />
                  </Text>
                  <Text size="sm">{trouble.reason}</Text>
                  <Anchor component={Link} to={placeOf(trouble)} fz="sm">
                    {wayOut}
                  </Anchor>
                </div>
              </li>
            );
          })}
        </Stack>
      )}
      {moreTroubles && (
        <Text size="sm" mt="sm" c="dimmed">
          There are more; these are the first {troubles.length}.{" "}
          <Anchor component={Link} to="/syncs?state=failed">
            All failed syncs
          </Anchor>
        </Text>
      )}
    </Section>
  );
}
