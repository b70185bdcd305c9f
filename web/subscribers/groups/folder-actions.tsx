import { api, client } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import { openNameForm } from "./name-form.tsx";
import type { Folder } from "./search.ts";

/** @param parentId the folder that the new one stands in; null for the top */
export function openNewFolder(parentId: string | null): void {
  const save = (name: string) => client.POST("/api/v1/folders", { body: { name, parentId } });
  openNameForm({ title: "New folder", name: "", verb: "Make the folder", save });
}

export function openRenameFolder({ id, name, version }: Folder): void {
  const save = (next: string) =>
    client.PATCH("/api/v1/folders/{id}", { params: { path: { id } }, body: { name: next, version } });
  openNameForm({ title: "Rename folder", name, verb: "Rename", save });
}

/** Deletes an empty folder at once, and offers the way back. */
export function useDeleteFolder(): (folder: Folder) => void {
  const onSettled = useReask("/folders");
  const undelete = api.useMutation("post", "/api/v1/folders/{id}/undelete", { onError: tellProblem, onSettled });
  const remove = api.useMutation("delete", "/api/v1/folders/{id}", { onError: tellProblem, onSettled });
  return ({ id, name }) => {
    const params = { path: { id } };
    const undo = () => undelete.mutate({ params });
    remove.mutate({ params }, { onSuccess: () => tell({ title: `Folder “${name}” deleted`, undo }) });
  };
}
