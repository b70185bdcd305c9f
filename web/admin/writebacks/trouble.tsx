import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { api } from "../../api/client.ts";
import { BridgeState } from "../../ui/bridge-state.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Retry } from "./retry.tsx";
import type { Summary } from "./words.ts";

/** What keeps writebacks from going out: the bridge's own state, and those that failed. Nothing while all is well. */
export function Trouble({ summary }: { readonly summary: Summary | undefined }) {
  const bridge = api.useQuery("get", "/api/v1/bridge", {}, { retry: false });
  const { count } = useNumbers();
  const failed = summary?.counts.failed ?? 0;
  const { isActive, health } = bridge.data ?? {};
  const isWell = isActive && health?.needsAttentionSince === null && health.probeAt === null;
  return (
    <>
      {bridge.data && !isWell && (
        <div>
          <BridgeState bridge={bridge.data} />
          <Text size="sm" mt={6}>
            Until then writebacks wait here, in their order; none is lost.
          </Text>
        </div>
      )}
      {failed > 0 && (
        <Alert
          color="red"
          variant="light"
          icon={<IconAlertTriangle aria-hidden />}
          title={failed === 1 ? "One writeback failed" : `${count(failed)} writebacks failed`}
        >
          <Text size="sm">
            netFORUM Pro refused each of them three times. Nobody who unsubscribed gets mail from here; what netFORUM
            Pro itself sends does not know of it yet. See the reasons, mend what they name, and try again.
          </Text>
          <Retry ids={null} size="xs" mt="sm">
            Retry all that failed
          </Retry>
        </Alert>
      )}
    </>
  );
}
