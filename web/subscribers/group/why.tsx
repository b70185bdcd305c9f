import { Anchor, List, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconUserQuestion } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Schema } from "../../api/client.ts";
import { Address } from "../../ui/address.tsx";
import { Section } from "../../ui/section.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";

type Answer = Schema<"Why">;
type Group = Schema<"TargetGroup">;

const looks: Record<Answer["verdict"], { readonly word: string; readonly tone: "good" | "warn" | "quiet" }> = {
  sendable: { word: "In, sendable", tone: "good" },
  do_not_email: { word: "In, not e-mailed", tone: "warn" },
  unsubscribed: { word: "In, not e-mailed", tone: "warn" },
  bad_email: { word: "In, not e-mailed", tone: "warn" },
  rejected: { word: "Set aside", tone: "warn" },
  left: { word: "Left", tone: "quiet" },
  never_in: { word: "Not in", tone: "quiet" },
  not_included: { word: "Not in", tone: "quiet" },
  excluded: { word: "Left out", tone: "warn" },
  not_yet_counted: { word: "Not yet counted", tone: "quiet" },
};

/** "Why not Maria?": for one address, name or remote ID, at which step she dropped out. */
export function Why({ group }: { readonly group: Group }) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 250);
  return (
    <Section title="Why is somebody in, or not?">
      <TextInput
        label="Name, address or remote ID"
        leftSection={<IconUserQuestion size={16} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div aria-live="polite">{search.length > 1 && <Answers group={group} search={search} />}</div>
    </Section>
  );
}

const unknown: Record<Group["kind"], string> = {
  bridge: "If netFORUM Pro has the person, its query did not bring them.",
  static: "No file that was imported had them.",
  compound: "None of the groups it is made of has them.",
};

function Answers({ group, search }: { readonly group: Group; readonly search: string }) {
  const params = { path: { id: group.id }, query: { search } };
  const answer = api.useQuery("get", "/api/v1/target-groups/{id}/why", { params });
  return (
    <Loaded query={answer} lines={2}>
      {({ people, hasMore }) => (
        <>
          {people.length === 0 && (
            <Text size="sm" mt="sm" c="dimmed">
              Nobody with this name, address or ID is known here. {unknown[group.kind]}
            </Text>
          )}
          <List listStyleType="none" spacing="sm" mt="sm">
            {people.map((person) => (
              <List.Item key={`${person.subscriberId} ${person.remoteId} ${person.email}`}>
                <Person person={person} />
              </List.Item>
            ))}
          </List>
          {hasMore && (
            <Text size="sm" mt="sm" c="dimmed">
              There are more; type more of the name.
            </Text>
          )}
        </>
      )}
    </Loaded>
  );
}

function Person({ person }: { readonly person: Answer }) {
  const { word, tone } = looks[person.verdict];
  return (
    <>
      <ToneBadge tone={tone}>{word}</ToneBadge>{" "}
      {person.subscriberId === null ? (
        <bdi>{person.email || person.remoteId}</bdi>
      ) : (
        <Anchor component={Link} to={`/subscribers/${person.subscriberId}`} fz="sm">
          <Address email={person.email} />
        </Anchor>
      )}
      <Text size="sm">
        {person.sentence}
        {person.left?.at && (
          <>
            {" "}
            Left <When at={person.left.at} />.
          </>
        )}
      </Text>
    </>
  );
}
