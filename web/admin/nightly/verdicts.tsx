import { Anchor, SegmentedControl, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Pager } from "../../ui/pager.tsx";
import { StateBadge, ToneBadge } from "../../ui/state-badge.tsx";
import { Empty } from "../../ui/states.tsx";
import type { SyncState } from "../../ui/sync-words.ts";
import type { VerdictsSearch } from "./routes.ts";

interface Verdict {
  readonly groupId: string;
  readonly groupName: string;
  readonly isTaken: boolean;
  readonly reason: string;
  readonly syncId?: string | null;
  readonly state?: string | null;
}

interface VerdictsProps {
  readonly verdicts: readonly Verdict[];
  /** What the address says. */
  readonly search: VerdictsSearch;
  readonly onGo: (search: VerdictsSearch) => void;
}

const perPage = 100;

/** Every group with its verdict and reason; of a run, with what became of its sync. */
export function Verdicts({ verdicts, search, onGo }: VerdictsProps) {
  const { count } = useNumbers();
  const { shown = "taken", behind: from = 0 } = search;
  const taken = verdicts.filter((verdict) => verdict.isTaken);
  const rows = shown === "taken" ? taken : verdicts.filter((verdict) => !verdict.isTaken);
  const isRun = verdicts.some((verdict) => verdict.syncId);
  const columns: readonly Column<Verdict>[] = [
    {
      id: "name",
      header: "Target group",
      cell: (verdict) => (
        <Anchor component={Link} to={`/target-groups/${verdict.groupId}`}>
          <bdi>{verdict.groupName}</bdi>
        </Anchor>
      ),
    },
    {
      id: "reason",
      header: shown === "taken" ? "Taken because" : "Left out because",
      cell: (verdict) => verdict.reason,
    },
    ...(isRun && shown === "taken"
      ? [{ id: "sync", header: "Sync", cell: (verdict: Verdict) => <SyncOf verdict={verdict} /> }]
      : []),
  ];
  return (
    <Stack gap="sm">
      <SegmentedControl
        value={shown}
        onChange={(value) => onGo({ shown: value as typeof shown })}
        data={[
          { value: "taken", label: `Taken (${count(taken.length)})` },
          { value: "left_out", label: `Left out (${count(verdicts.length - taken.length)})` },
        ]}
        style={{ alignSelf: "start" }}
      />
      <DataTable
        label={shown === "taken" ? "Groups taken" : "Groups left out"}
        columns={columns}
        rows={rows.slice(from, from + perPage)}
        idOf={(verdict) => verdict.groupId}
        empty={
          shown === "taken" ? (
            <Empty title="It takes no group">Those left out say why.</Empty>
          ) : (
            <Empty title="It leaves no group out" />
          )
        }
      />
      <Pager
        cursor={from === 0 ? undefined : String(from)}
        next={from + perPage < rows.length ? String(from + perPage) : null}
        onGo={(to) => onGo({ shown, ...(to !== undefined && { behind: Number(to) }) })}
      >
        {rows.length > 0 && (
          <Text size="sm">
            {count(from + 1)}–{count(Math.min(from + perPage, rows.length))} of {count(rows.length)}
          </Text>
        )}
      </Pager>
    </Stack>
  );
}

function SyncOf({ verdict }: { readonly verdict: Verdict }) {
  if (!verdict.syncId || !verdict.state) return <ToneBadge tone="quiet">Not begun</ToneBadge>;
  return (
    <Anchor component={Link} to={`/syncs/${verdict.syncId}`}>
      <StateBadge state={verdict.state as SyncState} />
    </Anchor>
  );
}
