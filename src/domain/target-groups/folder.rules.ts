import type { Folder, FolderId } from "./target-group.ts";

/** A path of more folders than this helps nobody find anything. */
export const mostFolderLevels = 5;

/**
 * Why a folder can't stand in another, or null when it can: not in itself, nor in one of its own, and not too deep.
 * @param id null for a new folder
 */
export function whyNotThere(
  folders: readonly Pick<Folder, "id" | "parentId">[],
  id: FolderId | null,
  parentId: FolderId | null,
): "inside_itself" | "too_deep" | null {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  let above = 0;
  for (let at = parentId; at !== null; at = byId.get(at)?.parentId ?? null) {
    if (at === id) return "inside_itself";
    above += 1;
  }
  const own = id === null ? 1 : levelsOf(folders, id);
  return above + own > mostFolderLevels ? "too_deep" : null;
}

/** How many levels a folder is, itself included. */
function levelsOf(folders: readonly Pick<Folder, "id" | "parentId">[], id: FolderId): number {
  const children = folders.filter(({ parentId }) => parentId === id);
  return 1 + Math.max(0, ...children.map((child) => levelsOf(folders, child.id)));
}
