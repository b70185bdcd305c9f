import { Button, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { ProblemAlert } from "../../ui/states.tsx";
import { GrowthQuestion } from "./growth-question.tsx";
import { type Chosen, PickTime } from "./pick-time.tsx";

/** From so many people on the number is typed: nobody sends to ten thousand by a slip. (reliability 1.3, 25) */
const typedAbove = 10_000;

interface Props {
  readonly mailing: Schema<"Mailing">;
  readonly audience: Schema<"MailingAudience">;
  readonly isReady: boolean;
}

/** When it goes out, and the one button, which says to how many. */
export function PublishForm({ mailing, audience, isReady }: Props) {
  const { count } = useNumbers();
  const navigate = useNavigate();
  const reask = useReask("/mailings", "/instances", "/home");
  const [isLater, setIsLater] = useState(false);
  const [time, setTime] = useState<Chosen>({ at: null });
  const [isConfirmed, setIsConfirmed] = useState(false);
  const [typed, setTyped] = useState("");
  const publish = api.useMutation("post", "/api/v1/mailings/{id}/publish", {
    // First away from here: asked anew, this page has no form any more.
    onSuccess: async ({ instance }) => {
      await navigate({ to: `/instances/${instance.id}` });
      await reask();
    },
    onError: reask,
  });
  const { recipients, growth } = audience;
  const mustType = recipients > typedAbove;
  const isTyped = !mustType || typed.replaceAll(/\D/g, "") === String(recipients);
  const isComplete = isReady && isTyped && (!growth || isConfirmed) && (!isLater || time.at !== null);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete) return;
    const body = {
      version: mailing.version,
      recipients,
      ...(isLater && time.at && { dueAt: time.at }),
      ...(growth && { isGrowthConfirmed: true }),
    };
    publish.mutate({ params: { path: { id: mailing.id } }, body });
  };
  const people = `${count(recipients)} ${recipients === 1 ? "person" : "people"}`;
  return (
    <Section title="When">
      <Stack component="form" gap="md" onSubmit={send}>
        <Radio.Group
          label="It goes out"
          value={isLater ? "later" : "now"}
          onChange={(value) => setIsLater(value === "later")}
        >
          <Stack gap="xs" mt={6}>
            <Radio value="now" label="Now, as soon as its groups are in step" />
            <Radio value="later" label="At a time" />
          </Stack>
        </Radio.Group>
        {isLater && <PickTime onPick={setTime} />}
        {growth && <GrowthQuestion growth={growth} isConfirmed={isConfirmed} onConfirm={setIsConfirmed} />}
        {mustType && (
          <TextInput
            label={`Type the number of people: ${count(recipients)}`}
            description="So many are not written to by a slip."
            inputMode="numeric"
            autoComplete="off"
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        )}
        {publish.isError && <ProblemAlert error={publish.error} />}
        <Button type="submit" size="md" loading={publish.isPending} disabled={!isComplete}>
          {isLater ? `Schedule for ${people}` : `Publish to ${people}`}
        </Button>
        <Text size="sm" c="dimmed">
          {isReady
            ? "You see each step on the next page. Before the first mail leaves there is a minute in which all of it can be undone."
            : "What the checklist marks red must be mended first."}
        </Text>
      </Stack>
    </Section>
  );
}
