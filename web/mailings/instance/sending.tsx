import { Group, Progress, Text, VisuallyHidden } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Schema } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { type RecipientState, recipientWords } from "./words.ts";

type Story = Schema<"InstanceStory">;
type Counts = Story["recipients"];

const open: readonly RecipientState[] = ["waiting", "claimed", "handing_over", "deferred"];

/** How far the sending is, how fast, when it should be done, and what became of whom. */
export function Sending({ story }: { readonly story: Story }) {
  const { instance, recipients: counts } = story;
  const { count, percent, duration } = useNumbers();
  const left = open.reduce((sum, state) => sum + counts[state], 0);
  const done = instance.recipients - left;
  const share = instance.recipients === 0 ? 1 : done / instance.recipients;
  const isSending = instance.state === "sending";
  const perSecond = useRate(done, isSending);
  const line = `${count(done)} of ${count(instance.recipients)}, ${percent(share)}`;
  return (
    <Section title="Sending">
      <Progress.Root size="lg" mb="xs">
        <Progress.Section value={share * 100} animated={isSending} aria-label={line} />
      </Progress.Root>
      <Group justify="space-between" gap="sm" mb="md">
        <Text size="sm" className="number">
          {line}
        </Text>
        {isSending && perSecond !== null && perSecond > 0 && (
          <Text size="sm" c="dimmed" className="number">
            {count(Math.round(perSecond))} a second, done in about {duration((left / perSecond) * 1000)}
          </Text>
        )}
      </Group>
      <VisuallyHidden role="status">{`Sending, ${Math.floor(share * 10) * 10}% done`}</VisuallyHidden>
      <Group gap="md">
        {(Object.entries(counts) as [keyof Counts, number][])
          .filter(([, people]) => people > 0)
          .map(([state, people]) => (
            <Group gap={6} key={state}>
              <ToneBadge tone={recipientWords[state].tone}>{recipientWords[state].word}</ToneBadge>
              <Text size="sm" className="number">
                {count(people)}
              </Text>
            </Group>
          ))}
      </Group>
    </Section>
  );
}

const looksKept = 10;

/** How many a second, by the last looks at it. Null until there were two at different moments. */
function useRate(done: number, isOn: boolean): number | null {
  const looks = useRef<readonly { readonly at: number; readonly done: number }[]>([]);
  useEffect(() => {
    if (!isOn) looks.current = [];
    else if (looks.current.at(-1)?.done !== done) {
      looks.current = [...looks.current.slice(1 - looksKept), { at: Date.now(), done }];
    }
  }, [done, isOn]);
  const [first, last] = [looks.current[0], looks.current.at(-1)];
  if (!first || !last || last.at <= first.at) return null;
  return (last.done - first.done) / ((last.at - first.at) / 1000);
}
