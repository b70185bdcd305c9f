import { api, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { tell, tellProblem } from "../../ui/toasts.tsx";

const many = (count: number) => (count === 1 ? "1 group" : `${count} groups`);

/** What can be done with groups, one or many, from the list. */
export function useGroupActions() {
  const onSettled = useReask("/target-groups", "/folders", "/syncs");
  const options = { onError: tellProblem, onSettled };
  const resync = api.useMutation("post", "/api/v1/target-groups/{id}/resync", options);
  const dryRun = api.useMutation("post", "/api/v1/target-groups/{id}/dry-run", options);
  const move = api.useMutation("post", "/api/v1/target-groups/move", options);
  const remove = api.useMutation("post", "/api/v1/target-groups/delete", options);
  const undelete = api.useMutation("post", "/api/v1/target-groups/undelete", options);
  const bringBack = (ids: readonly string[]) =>
    undelete.mutate(
      { body: { ids: [...ids] } },
      { onSuccess: ({ groups }) => tell({ title: `${many(groups)} brought back` }) },
    );
  return {
    isBusy: resync.isPending || move.isPending || remove.isPending || undelete.isPending,
    async resync(ids: readonly string[]): Promise<void> {
      const answers: Schema<"SyncAnswer">[] = [];
      for (const id of ids) answers.push(await resync.mutateAsync({ params: { path: { id } } }));
      const [first] = answers;
      const held = answers.filter(({ answer }) => answer === "held").length;
      if (!first) return;
      tell({
        title: answers.length === 1 ? "The sync waits for its turn" : `${answers.length} syncs wait for their turn`,
        ...(held > 0 && { tone: "warn", message: `${many(held)} have a held sync that must be decided first.` }),
        link:
          answers.length === 1
            ? { to: `/syncs/${first.sync.id}`, label: "Watch it" }
            : { to: "/syncs", label: "Watch them" },
      });
    },
    dryRun: (id: string) =>
      dryRun.mutate(
        { params: { path: { id } } },
        {
          onSuccess: ({ sync }) =>
            tell({ title: "The dry run waits for its turn", link: { to: `/syncs/${sync.id}`, label: "Watch it" } }),
        },
      ),
    move: (ids: readonly string[], folder: { readonly id: string; readonly name: string }) =>
      move.mutate(
        { body: { ids: [...ids], folderId: folder.id } },
        { onSuccess: ({ groups }) => tell({ title: `${many(groups)} moved to “${folder.name}”` }) },
      ),
    remove: (ids: readonly string[]) =>
      remove.mutate(
        { body: { ids: [...ids] } },
        { onSuccess: ({ groups }) => tell({ title: `${many(groups)} deleted`, undo: () => bringBack(ids) }) },
      ),
    bringBack,
  };
}
