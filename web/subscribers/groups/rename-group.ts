import { client } from "../../api/client.ts";
import { openNameForm } from "./name-form.tsx";
import type { ListedGroup } from "./search.ts";

/** Asks for a group's new name. A bridge group has its query's. */
export function openRenameGroup({ id, name, version }: ListedGroup): void {
  const save = (next: string) =>
    client.PATCH("/api/v1/target-groups/{id}", { params: { path: { id } }, body: { name: next, version } });
  openNameForm({ title: "Rename group", name, verb: "Rename", save });
}
