import { Anchor, Stack, Text } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RejectedRows } from "../subscribers/group/rejected-rows.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { useNumbers } from "../ui/numbers.ts";
import { Empty } from "../ui/states.tsx";
import type { Sync } from "../ui/sync-words.ts";

const route = getRouteApi("/shell/syncs/$syncId");

interface Reason {
  readonly step: string;
  readonly word: string;
  readonly many: number;
}

/** What this sync could not use, by reason, and the records themselves as the group has them now. (product 1.7) */
export function SetAside({ sync }: { readonly sync: Sync }) {
  const { count } = useNumbers();
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const reasons: readonly Reason[] = [
    { step: "unusable", word: "Without a usable key or flag, or erased on request", many: sync.unusable },
    { step: "without_address", word: "Without e-mail address", many: sync.withoutAddress },
    { step: "malformed_address", word: "Malformed address", many: sync.malformedAddress },
    { step: "duplicate", word: "Duplicate", many: sync.duplicate },
  ];
  const columns: readonly Column<Reason>[] = [
    { id: "reason", header: "Reason", cell: ({ word }) => word },
    { id: "many", header: "Records", kind: "number", cell: ({ many }) => count(many) },
    {
      id: "look",
      header: "Look at them",
      kind: "action",
      cell: ({ step, word, many }) =>
        many > 0 &&
        sync.groupId && (
          <Anchor component={Link} to={`/target-groups/${sync.groupId}?step=${step}`} aria-label={`Look at: ${word}`}>
            Look
          </Anchor>
        ),
    },
  ];
  return (
    <Stack gap="lg">
      <DataTable
        label="Set aside, by reason"
        columns={columns}
        rows={reasons.filter(({ many }) => many > 0)}
        idOf={({ step }) => step}
        empty={<Empty title="Nothing was set aside">Every record that it read could be used.</Empty>}
      />
      {sync.groupId && (
        <div>
          <Text size="sm" c="dimmed" mb="sm">
            The records themselves, as the last good sync of the group left them:
          </Text>
          <RejectedRows
            groupId={sync.groupId}
            step={undefined}
            isOfFile={sync.kind === "upload"}
            cursor={cursor}
            onGo={(to) =>
              void navigate({ search: { tab: "set_aside", ...(to && { cursor: to }) }, resetScroll: false })
            }
          />
        </div>
      )}
    </Stack>
  );
}
