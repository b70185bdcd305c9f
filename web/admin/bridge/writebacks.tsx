import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { writebackWords } from "../writebacks/words.ts";

const shown = ["ready", "processing", "failed", "sent"] as const;

/** How the writebacks stand, in a line, and the way to their list. (product 5.3) */
export function Writebacks() {
  const summary = api.useQuery("get", "/api/v1/writebacks/summary");
  const { count } = useNumbers();
  return (
    <Section
      anchor="writebacks"
      title="Writebacks"
      about="What goes back to netFORUM Pro every 10 minutes: unsubscribes, bad e-mail addresses, and resubscribes by an administrator."
    >
      <Loaded query={summary} lines={2}>
        {({ counts, nextDueAt }) => {
          const some = shown.filter((state) => counts[state] > 0);
          return (
            <Stack gap="sm" align="start">
              {some.length === 0 ? (
                <Text size="sm" c="dimmed">
                  Nothing to write back so far.
                </Text>
              ) : (
                <Group gap="md">
                  {some.map((state) => (
                    <Group key={state} gap={6}>
                      <ToneBadge tone={writebackWords[state].tone}>{writebackWords[state].word}</ToneBadge>
                      <Anchor component={Link} to={`/admin/bridge/writebacks?state=${state}`} className="number">
                        {count(counts[state])}
                      </Anchor>
                    </Group>
                  ))}
                </Group>
              )}
              {nextDueAt !== null && (
                <Text size="sm" c="dimmed" component="div">
                  The next go out <When at={nextDueAt} isAhead />.
                </Text>
              )}
              <Anchor component={Link} to="/admin/bridge/writebacks" fz="sm">
                All writebacks
              </Anchor>
            </Stack>
          );
        }}
      </Loaded>
    </Section>
  );
}
