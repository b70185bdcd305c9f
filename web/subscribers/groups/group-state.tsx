import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useNumbers } from "../../ui/numbers.ts";
import { StateBadge, ToneBadge } from "../../ui/state-badge.tsx";
import type { ListedGroup } from "./search.ts";

/** What runs for the group, else what keeps it from being in step, else that it is counted. */
export function GroupState({ group }: { readonly group: ListedGroup }) {
  const { count } = useNumbers();
  const { openSync, lastSync, missingSince, countState } = group;
  if (openSync) {
    const { state, rowsRead, rowsExpected } = openSync;
    return (
      <Anchor component={Link} to={state === "held" ? `/syncs/${openSync.id}/review` : `/syncs/${openSync.id}`}>
        <StateBadge state={state} />
        {state === "reading" && rowsExpected !== null && rowsExpected > 0 && (
          <Text span size="xs" ms={6} className="number">
            {count(Math.min(99, Math.floor((rowsRead / rowsExpected) * 100)))} %
          </Text>
        )}
      </Anchor>
    );
  }
  if (countState === "error" && lastSync) {
    return (
      <Anchor component={Link} to={`/syncs/${lastSync.id}`} title={lastSync.errorMessage ?? ""}>
        <StateBadge state="failed" />
      </Anchor>
    );
  }
  if (missingSince !== null) return <ToneBadge tone="warn">Missing in netFORUM Pro</ToneBadge>;
  if (group.kind === "compound") return <ToneBadge tone="good">Computed now</ToneBadge>;
  if (countState === "not_yet_counted") return <ToneBadge tone="quiet">Not yet counted</ToneBadge>;
  return <ToneBadge tone="good">Counted</ToneBadge>;
}
