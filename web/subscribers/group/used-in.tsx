import { Anchor, List, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";

/** Compound groups that hold this one, mailings and templates that name it, and mailings that were published to it. (product 1.6) */
export function UsedIn({ groupId }: { readonly groupId: string }) {
  const used = api.useQuery("get", "/api/v1/target-groups/{id}/used-in", { params: { path: { id: groupId } } });
  const { count } = useNumbers();
  return (
    <Section title="Where it is used">
      <Loaded query={used} lines={3}>
        {({ compounds, namedBy, namedByCount, uses, useCount }) =>
          compounds.length + namedBy.length + uses.length === 0 ? (
            <Empty title="Nowhere so far">No compound group holds it, and no mailing or template names it.</Empty>
          ) : (
            <>
              <List size="sm" spacing={4}>
                {compounds.map(({ id, name, side, isDirect }) => (
                  <List.Item key={`${id} ${side}`}>
                    {side === "include" ? "Included in" : "Excluded from"} the compound group{" "}
                    <Anchor component={Link} to={`/target-groups/${id}`}>
                      <bdi>{name}</bdi>
                    </Anchor>
                    {!isDirect && ", by another compound"}
                  </List.Item>
                ))}
                {namedBy.map(({ mailingId, name, isTemplate, usedAs }) => (
                  <List.Item key={mailingId}>
                    {usedAs === "audience" ? "Audience" : "Left out"} of the {isTemplate ? "template" : "mailing"}{" "}
                    <Anchor component={Link} to={`/${isTemplate ? "mailing-templates" : "mailings"}/${mailingId}`}>
                      <bdi>{name}</bdi>
                    </Anchor>
                    {!isTemplate && ", not published to it so far"}
                  </List.Item>
                ))}
                {uses.map(({ instanceId, name, usedAs, usedAt }) => (
                  <List.Item key={`${instanceId} ${usedAs}`}>
                    {usedAs === "audience" ? "Audience" : "Left out"} of the mailing{" "}
                    <Anchor component={Link} to={`/instances/${instanceId}`}>
                      <bdi>{name}</bdi>
                    </Anchor>
                    , published <When at={usedAt} />
                  </List.Item>
                ))}
              </List>
              {namedByCount > namedBy.length && (
                <Text size="sm" c="dimmed" mt="sm">
                  Of the {count(namedByCount)} mailings and templates that name it, these are the last changed.
                </Text>
              )}
              {useCount > uses.length && (
                <Text size="sm" c="dimmed" mt="sm">
                  These are the latest {count(uses.length)} of {count(useCount)} uses.
                </Text>
              )}
            </>
          )
        }
      </Loaded>
    </Section>
  );
}
