import { Text } from "@mantine/core";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { When } from "../../ui/when.tsx";
import classes from "./report.module.css";
import { type Report, shareOf } from "./words.ts";

/** The numbers that matter first; opens last, as the estimate they are. */
export function Headline({ report }: { readonly report: Report }) {
  const { count, percent } = useNumbers();
  const { totals, countedAt } = report;
  const { recipients, delivered, bounced, clicked, unsubscribed, complained, opened, opens, automatic } = totals;
  const figures = [
    ["Delivered", delivered, `${percent(shareOf(delivered, recipients))} of ${count(recipients)} recipients`],
    ["Clicked", clicked, `${percent(shareOf(clicked, delivered))} of delivered`],
    ["Unsubscribed", unsubscribed, `${percent(shareOf(unsubscribed, delivered))} of delivered`],
    ["Bounced", bounced, `${percent(shareOf(bounced, recipients))} of recipients`],
    ["Complained", complained, `${percent(shareOf(complained, delivered))} of delivered`],
    ...(opened === null ? [] : [["Opened (estimate)", opened, `${percent(shareOf(opened, delivered))} of delivered`]]),
    ...(opens !== null && opened === null ? [["Opens (estimate)", opens, "counted without persons"]] : []),
  ] as const;
  return (
    <Section
      title="In numbers"
      about={
        <>
          Each person is counted once. Counted <When at={countedAt} />.
        </>
      }
    >
      <dl className={classes.figures}>
        {figures.map(([word, figure, more]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>
              <Text fz="1.75rem" fw={620} className="number" lh={1.25}>
                {count(Number(figure))}
              </Text>
              <Text size="sm" c="dimmed">
                {more}
              </Text>
            </dd>
          </div>
        ))}
      </dl>
      {automatic.clicks + automatic.opens > 0 && (
        <Text size="sm" c="dimmed" mt="md">
          Left out: {count(automatic.clicks)} clicks{opens !== null && ` and ${count(automatic.opens)} opens`} that
          scanners and privacy proxies made, as far as that can be told.
        </Text>
      )}
      {opens === null && (
        <Text size="sm" c="dimmed" mt="xs">
          Opens are not tracked in this account.
        </Text>
      )}
    </Section>
  );
}
