import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { When } from "../../ui/when.tsx";
import { largestReasons, type Reason, reasonWords } from "../instance/words.ts";
import classes from "./arithmetic.module.css";

type Audience = Schema<"MailingAudience">;

/** How the number of people comes about: who is in the groups, who is left out and why, who gets it. (product 4.2) */
export function Arithmetic({ audience }: { readonly audience: Audience }) {
  const { to, notTo, excluded, recipients } = audience;
  return (
    <Section
      title="Who gets it"
      about="By what is known now. Publishing first brings every group in step with netFORUM Pro, and then counts again."
    >
      <Stack gap="md">
        <Groups title="To" groups={to} none="No group yet." />
        {notTo.length > 0 && <Groups title="Not to" groups={notTo} none="" />}
        <Sum audience={audience.audience} excluded={excluded} recipients={recipients} />
      </Stack>
    </Section>
  );
}

interface GroupsProps {
  readonly title: string;
  readonly groups: Audience["to"];
  readonly none: string;
}

function Groups({ title, groups, none }: GroupsProps) {
  const { count } = useNumbers();
  return (
    <div>
      <Text fw={600} size="sm" mb={4}>
        {title}
      </Text>
      {groups.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      {groups.map((group) => (
        <Text size="sm" key={group.id} component="div">
          <Anchor component={Link} to={`/target-groups/${group.id}`} fz="sm">
            <bdi>{group.name}</bdi>
          </Anchor>
          , {count(group.members)} people
          <Text span c="dimmed" size="sm">
            {group.kind === "compound" ? (
              ", computed now"
            ) : (
              <>
                , counted <When at={group.countedAt} never="never yet" />
              </>
            )}
            {group.missingSince !== null && " · missing in netFORUM Pro"}
          </Text>
        </Text>
      ))}
    </div>
  );
}

interface SumProps {
  readonly audience: number;
  readonly excluded: Readonly<Record<Reason, number>>;
  readonly recipients: number;
}

/** Everybody, minus who is left out for each reason, the largest first. The numbers add up. */
export function Sum({ audience, excluded, recipients }: SumProps) {
  const lines = [
    { sign: "", label: "In the groups to send to", people: audience },
    ...largestReasons(excluded).map(([reason, people]) => ({ sign: "−", label: reasonWords[reason], people })),
    { sign: "=", label: "Get the mailing", people: recipients },
  ];
  return (
    <ul className={classes.sum} aria-label="How the number comes about">
      {lines.map((line) => (
        <Line key={line.label} {...line} of={audience} />
      ))}
    </ul>
  );
}

interface LineProps {
  readonly sign: string;
  readonly label: string;
  readonly people: number;
  readonly of: number;
}

function Line({ sign, label, people, of }: LineProps) {
  const { count } = useNumbers();
  const isMinus = sign === "−";
  const isTotal = sign === "=";
  return (
    <li className={classes.line} data-equals={isTotal || undefined}>
      <span className={classes.sign}>{sign}</span>
      <span>{label}</span>
      <span className={classes.track} aria-hidden>
        <span
          className={classes.bar}
          data-minus={isMinus || undefined}
          data-equals={isTotal || undefined}
          style={{ width: `${of === 0 ? 0 : (people / of) * 100}%` }}
        />
      </span>
      <span className="number">{count(people)}</span>
    </li>
  );
}
