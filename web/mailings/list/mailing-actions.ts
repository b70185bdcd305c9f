import { modals } from "@mantine/modals";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { rememberFocus } from "../../ui/return-focus.ts";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import type { ListedMailing } from "../mailing.ts";

export type Named = Pick<ListedMailing, "id" | "name" | "isTemplate" | "state" | "archivedAt">;

export const pathOf = ({ id, isTemplate }: Pick<Named, "id" | "isTemplate">) =>
  isTemplate ? `/mailing-templates/${id}` : `/mailings/${id}`;

/** What can be done with a mailing or a template, from its list or its page. */
export function useMailingActions() {
  const onSettled = useReask("/mailings");
  const navigate = useNavigate();
  const options = { onError: tellProblem, onSettled };
  const copy = api.useMutation("post", "/api/v1/mailings/{id}/copy", options);
  const archive = api.useMutation("post", "/api/v1/mailings/{id}/archive", options);
  const unarchive = api.useMutation("post", "/api/v1/mailings/{id}/unarchive", options);
  const remove = api.useMutation("delete", "/api/v1/mailings/{id}", options);
  const params = ({ id }: Named) => ({ path: { id } });
  const bringBack = (mailing: Named) =>
    unarchive.mutate(
      { params: params(mailing) },
      {
        onSuccess: () => tell({ title: `“${mailing.name}” is back`, link: { to: pathOf(mailing), label: "Open it" } }),
      },
    );
  return {
    /** @param as a template makes a mailing by being used, a mailing a template by being kept as one */
    async copy(mailing: Named, as: { readonly isTemplate: boolean; readonly name?: string }): Promise<void> {
      const made = await copy.mutateAsync({ params: params(mailing), body: as }).catch(() => null);
      if (made) await navigate({ to: pathOf(made) });
    },
    archive: (mailing: Named) =>
      archive.mutate(
        { params: params(mailing) },
        { onSuccess: () => tell({ title: `“${mailing.name}” is archived`, undo: () => bringBack(mailing) }) },
      ),
    bringBack,
    remove: (mailing: Named, isOpen: boolean) =>
      modals.openConfirmModal({
        title: `Delete “${mailing.name}”?`,
        children: "What is written in it is gone for good.",
        labels: { confirm: "Delete it", cancel: "Keep it" },
        confirmProps: { color: "red" },
        onClose: rememberFocus(),
        onConfirm: () =>
          remove.mutate(
            { params: params(mailing) },
            {
              onSuccess: () => {
                tell({ title: `“${mailing.name}” is deleted` });
                if (isOpen) void navigate({ to: mailing.isTemplate ? "/mailing-templates" : "/mailings" });
              },
            },
          ),
      }),
  };
}
