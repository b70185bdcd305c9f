import type { Tx } from "../../platform/database/database.ts";
import type { AccountContext } from "../context.ts";
import { tell } from "../events/tell.ts";
import type { Sync } from "./sync.ts";

/** Tells whoever wants to know that a sync has ended or is held. A dry run or a cancelled one is nobody's news. */
export async function tellSyncEnd(tx: Tx, ctx: AccountContext, sync: Sync): Promise<void> {
  if (sync.isDryRun) return;
  const { kind, trigger, groupId, groupName, added, removed, updated, sendable } = sync;
  const data = {
    ...{ syncId: sync.id, kind, trigger, groupId, groupName },
    startedAt: sync.startedAt?.toString() ?? null,
    finishedAt: sync.finishedAt?.toString() ?? null,
    ...{ added, removed, updated, sendable },
  };
  if (sync.state === "succeeded") await tell(tx, ctx, "sync.succeeded", [data]);
  if (sync.state === "held") await tell(tx, ctx, "sync.held", [{ ...data, reason: sync.heldReason ?? "" }]);
  if (sync.state === "failed")
    await tell(tx, ctx, "sync.failed", [
      { ...data, reason: sync.errorMessage ?? "", errorKind: sync.errorKind ?? "internal" },
    ]);
}
