import { Anchor, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Section } from "../../ui/section.tsx";
import { largestReasons, reasonWords } from "../instance/words.ts";
import { BarRows } from "./bar-rows.tsx";
import { bounceWords, type Report, type Totals } from "./words.ts";

/** From the audience down to who clicked; beside it, who was left out and what came back, with the reasons. */
export function Funnel({ report }: { readonly report: Report }) {
  const { totals, instance, exclusions } = report;
  const tried = totals.recipients - totals.waiting - totals.cancelled;
  const steps = [
    { label: "Audience", value: instance.audience, tone: "quiet" as const },
    { label: "Recipients", value: totals.recipients },
    { label: "Sent", value: tried },
    { label: "Delivered", value: totals.delivered },
    ...(totals.opened === null ? [] : [{ label: "Opened (estimate)", value: totals.opened }]),
    { label: "Clicked", value: totals.clicked },
  ];
  const bounces = (Object.entries(totals.bouncedBy) as [keyof Totals["bouncedBy"], number][])
    .filter(([, people]) => people > 0)
    .map(([kind, value]) => ({ label: bounceWords[kind], value, tone: "bad" as const }));
  const others = [
    { label: "Refused by the receiving server", value: totals.refused, tone: "bad" as const },
    { label: "Unsure: cut off in the moment of handing over", value: totals.unsure, tone: "quiet" as const },
    { label: "Not sent yet", value: totals.waiting, tone: "quiet" as const },
    { label: "Cancelled", value: totals.cancelled, tone: "quiet" as const },
  ].filter(({ value }) => value > 0);
  const left = largestReasons(exclusions).map(([reason, value]) => ({
    label: reasonWords[reason],
    value,
    tone: "quiet" as const,
  }));
  return (
    <Section title="Delivery" about="Each bar is a share of the audience.">
      <Stack gap="lg">
        <BarRows label="From audience to clicks" rows={steps} whole={Math.max(instance.audience, totals.recipients)} />
        {bounces.length + others.length > 0 && (
          <Part title="What didn't arrive" note="Shares of the recipients.">
            <BarRows label="What didn't arrive" rows={[...bounces, ...others]} whole={totals.recipients} />
          </Part>
        )}
        {left.length > 0 && (
          <Part
            title="Left out"
            note={
              <Anchor component={Link} to={`/instances/${instance.id}?tab=left_out`}>
                See who
              </Anchor>
            }
          >
            <BarRows label="Left out, by reason" rows={left} whole={instance.audience} />
          </Part>
        )}
      </Stack>
    </Section>
  );
}

function Part(props: { readonly title: string; readonly note: React.ReactNode; readonly children: React.ReactNode }) {
  return (
    <div>
      <Title order={3} fz="sm">
        {props.title}
      </Title>
      <Text size="sm" c="dimmed" mb={4} component="div">
        {props.note}
      </Text>
      {props.children}
    </div>
  );
}
