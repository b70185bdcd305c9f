import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { api } from "../../api/client.ts";
import { sessionOver } from "../../api/session-over.ts";
import type { Mailing } from "../mailing.ts";
import { Draft } from "./draft.ts";

/** The draft of one mailing, for as long as its editor is open. */
export function useDraft(mailing: Mailing): Draft {
  const memory = useQueryClient();
  const { id } = mailing;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another mailing is another draft; a newer version of it isn't
  const draft = useMemo(() => {
    const key = api.queryOptions("get", "/api/v1/mailings/{id}", { params: { path: { id } } }).queryKey;
    return new Draft(mailing, (saved) => {
      memory.setQueryData(key, saved);
      void memory.invalidateQueries({ queryKey: ["get", "/api/v1/mailings/{id}/checks"] });
    });
  }, [id]);
  useEffect(() => draft.takeOver(mailing), [draft, mailing]);
  useEffect(() => {
    // Signed in again: what waited for it is saved.
    const stop = sessionOver.subscribe(() => void (!sessionOver.isOver() && draft.save()));
    return () => {
      stop();
      draft.stop();
    };
  }, [draft]);
  return draft;
}

export const useDraftState = (draft: Draft) => useSyncExternalStore(draft.subscribe, draft.state);
