import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { letterOf, type Measured, sentenceOf, toLists } from "./composition.ts";
import classes from "./overlap.module.css";
import { Overlap } from "./overlap.tsx";
import { Result } from "./result.tsx";

/** Count Details of a compound group: what it is made of, what that comes to now, and how fresh its parts are. */
export function CompoundDetails({ groupId }: { readonly groupId: string }) {
  const { account } = useMe();
  const measured = api.useQuery("get", "/api/v1/target-groups/{id}/composition", { params: { path: { id: groupId } } });
  return (
    <Loaded query={measured} lines={8}>
      {(found) => (
        <Section title="Count Details" about={sentenceOf(toLists(found), account?.locale ?? "en")}>
          <Stack gap="lg">
            <Result members={found.members} />
            <Parts
              title="Include"
              first={0}
              isAll={found.include.isAll}
              parts={found.parts.slice(0, found.include.of.length)}
            />
            {found.exclude.of.length > 0 && (
              <Parts
                title="Exclude"
                first={found.include.of.length}
                isAll={found.exclude.isAll}
                parts={found.parts.slice(found.include.of.length)}
              />
            )}
            <div>
              <Text fw={600} size="sm" mb={4}>
                How the groups overlap
              </Text>
              <Overlap measured={found} />
            </div>
          </Stack>
        </Section>
      )}
    </Loaded>
  );
}

interface PartsProps {
  readonly title: string;
  readonly first: number;
  readonly isAll: boolean;
  readonly parts: Measured["parts"];
}

function Parts({ title, first, isAll, parts }: PartsProps) {
  const { count } = useNumbers();
  return (
    <div>
      <Text fw={600} size="sm" mb={4}>
        {title}
        {parts.length > 1 && (isAll ? ": in all of" : ": in one or more of")}
      </Text>
      <ul className={classes.parts}>
        {parts.map((part, at) => (
          <li key={part.id}>
            <span className={classes.letter} aria-hidden>
              {letterOf(first + at)}
            </span>
            <Text size="sm" flex={1} style={{ minWidth: 0 }}>
              <Anchor component={Link} to={`/target-groups/${part.id}`} fz="sm">
                <bdi>{part.name}</bdi>
              </Anchor>{" "}
              <Text span size="xs" c="dimmed">
                {part.kind === "compound" ? (
                  "compound, computed now"
                ) : part.countState === "not_yet_counted" ? (
                  "not yet counted: nobody in it so far"
                ) : (
                  <>
                    as of <When at={part.countedAt} />
                    {part.countState === "error" && ", the last sync failed"}
                  </>
                )}
              </Text>
            </Text>
            <Text size="sm" className="number" pe="xs">
              {count(part.members)}
            </Text>
          </li>
        ))}
      </ul>
    </div>
  );
}
