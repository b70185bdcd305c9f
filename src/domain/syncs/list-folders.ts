import { selectBridge } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { selectFolders } from "../target-groups/folder-store.ts";
import type { Folder } from "../target-groups/target-group.ts";
import { selectOpenSyncs } from "./store.ts";
import type { Sync } from "./sync.ts";

/** A folder as the tree shows it. */
export interface ListedFolder extends Folder {
  readonly kind: "bridge" | "own";
  /** Of the bridge's folder: when its list was last brought in step. Null elsewhere, and before the first. */
  readonly lastListSyncedAt: Temporal.Instant | null;
  /** Of the bridge's folder: the list sync that waits or runs. */
  readonly openListSync: Sync | null;
}

/** The account's folders, by name; the bridge's first. */
export function listFolders(ctx: AccountContext): Promise<readonly ListedFolder[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const bridge = await selectBridge(tx, ctx.accountId);
    const [open = null] = bridge ? await selectOpenSyncs(tx, ctx.accountId, bridge.id, null) : [];
    const listed = (await selectFolders(tx, ctx.accountId)).map((folder): ListedFolder => {
      const isBridge = folder.bridgeId !== null;
      return {
        ...folder,
        kind: isBridge ? "bridge" : "own",
        lastListSyncedAt: (isBridge && bridge?.listSyncedAt) || null,
        openListSync: isBridge ? open : null,
      };
    });
    return listed.sort((left, right) => Number(right.kind === "bridge") - Number(left.kind === "bridge"));
  });
}
