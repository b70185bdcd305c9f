import type { Folder } from "./search.ts";

/** Folders to choose from, each with those it stands in: “Events › 2026”, for names come more than once. */
export function folderChoices(folders: readonly Folder[]): { readonly value: string; readonly label: string }[] {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const pathOf = ({ name, parentId }: Folder): string => {
    const parent = parentId === null ? undefined : byId.get(parentId);
    return parent ? `${pathOf(parent)} › ${name}` : name;
  };
  return folders
    .map((folder) => ({ value: folder.id, label: pathOf(folder) }))
    .sort((one, other) => one.label.localeCompare(other.label));
}
