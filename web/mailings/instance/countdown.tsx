import { Alert, Button, Group, Text } from "@mantine/core";
import { IconArrowBackUp, IconClockHour9 } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Sum } from "../publish/arithmetic.tsx";
import { useDecision } from "./use-decision.ts";

/** "Sending starts in 42 s": whom it goes to, who is left out and why, and the way back. (product 4.2) */
export function Countdown({ story }: { readonly story: Schema<"InstanceStory"> }) {
  const { instance, exclusions } = story;
  const mayPublish = useMay("mailings:publish");
  const { count } = useNumbers();
  const { atOnce, isPending } = useDecision(instance);
  const seconds = useSecondsUntil(instance.sendFrom);
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<IconClockHour9 aria-hidden />}
      title={seconds > 0 ? `Sending starts in ${count(seconds)} s` : "Sending starts now"}
    >
      <Text size="sm" mb="sm">
        It goes to {count(instance.recipients)} people. Until then all of it can be undone: no mail has left.
      </Text>
      <Sum audience={instance.audience} excluded={exclusions} recipients={instance.recipients} />
      {mayPublish && (
        <Group mt="md">
          <Button
            color="red.9"
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
            loading={isPending}
            onClick={() => atOnce("cancel")}
          >
            Undo: send nothing
          </Button>
        </Group>
      )}
    </Alert>
  );
}

/** Longer no countdown is, whatever this computer's clock says. */
const mostSeconds = 60;

/** Whole seconds, drawn anew each second. */
function useSecondsUntil(at: string | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return at === null ? 0 : Math.min(mostSeconds, Math.max(0, Math.ceil((Date.parse(at) - now) / 1000)));
}
