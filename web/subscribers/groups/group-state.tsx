import { Anchor, Text, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useNumbers } from "../../ui/numbers.ts";
import { StateBadge, ToneBadge } from "../../ui/state-badge.tsx";
import { waitLine } from "../../ui/wait-words.ts";
import { useTimes } from "../../ui/when.tsx";
import type { ListedGroup } from "./search.ts";

interface StateProps {
  readonly group: ListedGroup;
  /** What a sync waits for stands below its badge: where there is no room, only who points at it is told. */
  readonly hasRoom?: boolean;
}

/** What runs for the group, else what keeps it from being in step; nothing of a group that is as it should be. */
export function GroupState({ group, hasRoom = false }: StateProps) {
  const { percent } = useNumbers();
  const times = useTimes();
  const { openSync, lastSync, missingSince, countState } = group;
  if (openSync) {
    const { state, rowsRead, rowsExpected, waitsFor } = openSync;
    const waits = waitsFor === null ? null : waitLine(waitsFor, "group", times);
    const badge = (
      <Anchor component={Link} to={state === "held" ? `/syncs/${openSync.id}/review` : `/syncs/${openSync.id}`}>
        <StateBadge state={state} />
        {state === "reading" && rowsExpected !== null && rowsExpected > 0 && (
          <Text span size="xs" ms={6} className="number">
            {percent(Math.min(99, Math.floor((rowsRead / rowsExpected) * 100)) / 100)}
          </Text>
        )}
      </Anchor>
    );
    if (waits === null) return badge;
    return hasRoom ? (
      <>
        {badge} <Text size="xs">{waits}</Text>
      </>
    ) : (
      <Tooltip label={waits} events={{ hover: true, focus: true, touch: true }}>
        {badge}
      </Tooltip>
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
  return null;
}
