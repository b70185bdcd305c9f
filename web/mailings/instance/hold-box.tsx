import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { When } from "../../ui/when.tsx";
import { useDecision } from "./use-decision.ts";
import type { Instance } from "./words.ts";

type Story = Schema<"InstanceStory">;

const titles: Record<NonNullable<Instance["holdKind"]>, string> = {
  sync_failed: "On hold: a group could not be brought in step",
  sync_held: "On hold: a sync waits for a decision",
  growth: "On hold: the audience has grown",
  too_late: "On hold: its time has passed",
  nobody: "On hold: there is nobody to send to",
  policy_refusals: "On hold: receivers refuse these mails",
  hard_bounces: "On hold: too many addresses don't exist",
  connection: "On hold: the mail relay can't be reached",
  content: "On hold: something in the mailing can't be sent",
  sender: "On hold: the sender is not set up",
  copied_database: "On hold: this is a copy of a database",
};

/** What stopped it, and what can be done: each choice says what it means. (product 4.3) */
export function HoldBox({ story }: { readonly story: Story }) {
  const { instance, groups } = story;
  const kind = instance.holdKind ?? "sync_failed";
  const held = groups.flatMap(({ sync }) => (sync?.state === "held" ? [sync] : []));
  return (
    <Alert color="red" variant="light" icon={<IconHandStop aria-hidden />} title={titles[kind]}>
      <Text size="sm">{instance.holdMessage}</Text>
      {held.map((sync) => (
        <Anchor
          component={Link}
          to={`/syncs/${sync.id}/review`}
          fz="sm"
          key={sync.id}
          mt={4}
          display="block"
          underline="always"
        >
          Review who would come and go in <bdi>{sync.groupName}</bdi>
        </Anchor>
      ))}
      <Choices story={story} />
    </Alert>
  );
}

function Choices({ story }: { readonly story: Story }) {
  const { instance } = story;
  const mayPublish = useMay("mailings:publish");
  const { count } = useNumbers();
  const { asSeen, isPending } = useDecision(instance);
  const { holdKind } = instance;
  if (!mayPublish) return null;
  const isOfSync = holdKind === "sync_failed" || holdKind === "sync_held";
  return (
    <Stack gap="xs" mt="md">
      {isOfSync && <LastGood story={story} />}
      <Group gap="sm">
        <Button loading={isPending} onClick={() => asSeen("retry")}>
          {instance.resumesIn === "sending"
            ? "Go on sending"
            : holdKind === "too_late"
              ? "Bring its groups in step and send it"
              : "Try again"}
        </Button>
        {isOfSync && (
          <Button variant="default" disabled={isPending} onClick={() => asSeen("use-last-good")}>
            Send to the last good audience
          </Button>
        )}
        {holdKind === "growth" && (
          <Button variant="default" disabled={isPending} onClick={() => asSeen("confirm-growth")}>
            Yes, send it to {count(instance.recipients)} people
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** How old the last good audience is: of each group that is not fresh. */
function LastGood({ story }: { readonly story: Story }) {
  const { count } = useNumbers();
  const stale = story.groups.filter(({ sync }) => sync?.state !== "succeeded");
  return (
    <Text size="sm" component="div">
      The last good audience:{" "}
      {stale.map(({ group }, at) => (
        <span key={group.id}>
          {at > 0 && "; "}
          <bdi>{group.name}</bdi> with {count(group.total)} people, counted{" "}
          <When at={group.countedAt} never="never: it can't be sent to" />
        </span>
      ))}
      .
    </Text>
  );
}
