import { Button, type ButtonProps } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { tell, tellProblem } from "../../ui/toasts.tsx";

interface Props extends ButtonProps {
  /** Null takes all that failed. */
  readonly ids: readonly number[] | null;
  readonly onDone?: () => void;
  readonly "aria-label"?: string;
}

/** As many as the API takes at once. */
const mostIds = 1000;

/** Tries failed writebacks again, at once. (product 5.2) */
export function Retry({ ids, onDone, children, ...button }: Props) {
  const maySend = useMay("writebacks:send");
  const { count } = useNumbers();
  const onSettled = useReask("/writebacks", "/home");
  const retry = api.useMutation("post", "/api/v1/writebacks/retry", {
    onError: tellProblem,
    onSettled,
    onSuccess: ({ retried }) => {
      onDone?.();
      const left = ids === null ? 0 : Math.min(ids.length, mostIds) - retried;
      tell({
        tone: retried > 0 ? "good" : "warn",
        title: retried === 1 ? "It is tried again" : `${count(retried)} are tried again`,
        ...(left > 0 && {
          message: `${count(left)} of them had not failed any more, or something newer was decided about the person.`,
        }),
      });
    },
  });
  if (!maySend) return null;
  return (
    <Button
      variant="default"
      leftSection={<IconRefresh size={15} aria-hidden />}
      loading={retry.isPending}
      onClick={() => retry.mutate({ body: ids === null ? { all: true } : { ids: ids.slice(0, mostIds) } })}
      {...button}
    >
      {children}
    </Button>
  );
}
