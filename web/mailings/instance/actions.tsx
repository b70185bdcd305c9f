import { Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useMay } from "../../api/me.ts";
import { useDecision } from "./use-decision.ts";
import type { Instance } from "./words.ts";

/** Pause, go on, stop. In the countdown the one big button is in its box. */
export function Actions({ instance }: { readonly instance: Instance }) {
  const mayPublish = useMay("mailings:publish");
  const { atOnce, isPending } = useDecision(instance);
  const { state } = instance;
  if (!mayPublish || state === "sent" || state === "cancelled") return null;
  const stop = () =>
    modals.openConfirmModal({
      title: "Stop for good?",
      children: (
        <Text size="sm">
          {state === "sending" || instance.resumesIn === "sending"
            ? "Nobody more is sent to. Who got the mailing has it; the others don't get this publishing."
            : "No mail has left, and none will. The mailing can be published anew."}
        </Text>
      ),
      labels: { confirm: "Stop it", cancel: "Leave it" },
      confirmProps: { color: "red.9" },
      onConfirm: () => atOnce("cancel"),
    });
  return (
    <>
      {state === "paused" && (
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={isPending}
          onClick={() => atOnce("resume")}
        >
          Go on
        </Button>
      )}
      {state !== "paused" && state !== "on_hold" && (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={16} aria-hidden />}
          loading={isPending}
          onClick={() => atOnce("pause")}
        >
          Pause
        </Button>
      )}
      {state !== "counting_down" && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          disabled={isPending}
          onClick={stop}
        >
          Stop
        </Button>
      )}
    </>
  );
}
