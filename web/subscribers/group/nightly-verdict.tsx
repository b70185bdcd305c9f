import { Text } from "@mantine/core";
import { api } from "../../api/client.ts";
import { Section } from "../../ui/section.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Moment } from "../../ui/when.tsx";

/** Whether the next Nightly Sync takes this group, and why. */
export function NightlyVerdict({ groupId }: { readonly groupId: string }) {
  const verdict = api.useQuery("get", "/api/v1/target-groups/{id}/nightly", { params: { path: { id: groupId } } });
  return (
    <Section title="Next Nightly Sync">
      <Loaded query={verdict} lines={2}>
        {({ isTaken, reason, nextAt }) => (
          <>
            <ToneBadge tone={isTaken ? "good" : "quiet"}>{isTaken ? "Takes this group" : "Leaves it out"}</ToneBadge>
            <Text size="sm" mt="xs">
              {reason.charAt(0).toUpperCase() + reason.slice(1)}.{" "}
              {nextAt ? (
                <>
                  It runs <Moment at={nextAt} isPlanned />.
                </>
              ) : (
                "The Nightly Sync is switched off."
              )}
            </Text>
          </>
        )}
      </Loaded>
    </Section>
  );
}
