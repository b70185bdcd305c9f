import { api } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { tellProblem } from "../../ui/toasts.tsx";
import type { Instance } from "./words.ts";

type Named = "pause" | "resume" | "cancel" | "retry" | "use-last-good" | "confirm-growth";

/** The decisions that somebody may take about a publishing; each against the version that the page shows, where it matters. */
export function useDecision({ id, version }: Pick<Instance, "id" | "version">) {
  const reask = useReask("/instances", "/mailings", "/home");
  const options = { onSettled: reask, onError: tellProblem };
  const decisions = {
    pause: api.useMutation("post", "/api/v1/instances/{id}/pause", options),
    resume: api.useMutation("post", "/api/v1/instances/{id}/resume", options),
    cancel: api.useMutation("post", "/api/v1/instances/{id}/cancel", options),
    retry: api.useMutation("post", "/api/v1/instances/{id}/retry", options),
    "use-last-good": api.useMutation("post", "/api/v1/instances/{id}/use-last-good", options),
    "confirm-growth": api.useMutation("post", "/api/v1/instances/{id}/confirm-growth", options),
  } satisfies Record<Named, unknown>;
  const params = { path: { id } };
  return {
    isPending: Object.values(decisions).some(({ isPending }) => isPending),
    /** Whatever happened meanwhile: it stops. */
    atOnce: (name: "pause" | "resume" | "cancel") => decisions[name].mutate({ params, body: {} }),
    /** Only what was looked at. */
    asSeen: (name: "retry" | "use-last-good" | "confirm-growth") =>
      decisions[name].mutate({ params, body: { version } }),
  };
}
