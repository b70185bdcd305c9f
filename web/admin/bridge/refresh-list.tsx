import { Anchor, Button, Group, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { SyncProgress } from "../../ui/progress.tsx";
import { Section } from "../../ui/section.tsx";
import { ProblemAlert } from "../../ui/states.tsx";
import { isOpen, outcomeLine } from "../../ui/sync-words.ts";
import { useTimes, When } from "../../ui/when.tsx";

/** The Target Groups section: Refresh Target Group List, and what it last did. */
export function RefreshList({ bridge }: { readonly bridge: Schema<"Bridge"> }) {
  const mayRefresh = useMay("list:refresh");
  const numbers = useNumbers();
  const times = useTimes();
  const onSettled = useReask("/syncs", "/bridge", "/folders", "/target-groups");
  const syncs = api.useQuery(
    "get",
    "/api/v1/syncs",
    { params: { query: { kind: "list", limit: 1 } } },
    { refetchInterval: ({ state }) => (state.data?.items.some((sync) => isOpen(sync.state)) ? 1500 : false) },
  );
  const refresh = api.useMutation("post", "/api/v1/bridge/refresh", { onSettled });
  const last = syncs.data?.items[0];
  const isRunning = last !== undefined && isOpen(last.state);
  return (
    <Section
      anchor="target-groups"
      title="Target Groups"
      about="Each messaging job query of netFORUM Pro is a target group here. Refreshing the list brings new queries and fields; it does not change counts."
    >
      <Group align="center">
        {mayRefresh && (
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={refresh.isPending || isRunning}
            onClick={() => refresh.mutate({})}
          >
            Refresh Target Group List
          </Button>
        )}
        <Text size="sm" c="dimmed" component="div">
          Last refreshed <When at={bridge.listSyncedAt} />.
        </Text>
      </Group>
      {refresh.isError && <ProblemAlert error={refresh.error} />}
      {last && (
        <div style={{ marginTop: "1rem" }}>
          {isRunning ? (
            <SyncProgress sync={last} />
          ) : (
            <Text size="sm">
              <Anchor component={Link} to={`/syncs/${last.id}`}>
                The last one
              </Anchor>
              : {outcomeLine(last, numbers, times)}
            </Text>
          )}
        </div>
      )}
    </Section>
  );
}
