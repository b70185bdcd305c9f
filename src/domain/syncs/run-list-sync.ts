import type { MessagingJobQuery, OptOutCategory, Session } from "../../connectors/connector.ts";
import { AmsError } from "../../connectors/connector.ts";
import { crashPoint } from "../../platform/crash-point.ts";
import type { Bridge } from "../bridges/bridge.ts";
import { type ListChanges, mergeFields } from "../bridges/field-store.ts";
import { mergeCategories } from "../bridges/opt-out-store.ts";
import { updateListSyncedAt } from "../bridges/store.ts";
import type { AccountContext } from "../context.ts";
import { ensureBridgeFolder, mergeGroups } from "../target-groups/merge-store.ts";
import { endSync } from "./end-sync.ts";
import { endListSync, updateSyncState } from "./run-store.ts";
import type { RecordedChanges, Sync } from "./sync.ts";

/**
 * Sync type 1: brings the list of target groups and the list of personalization fields in step with the AMS, both in
 * one transaction. Changes no count. (product 1.1)
 * @param onRead told when the session is needed no more
 * @returns the sync as it ended
 * @throws AmsError when either list can't be read whole
 */
export async function runListSync(
  ctx: AccountContext,
  sync: Sync,
  bridge: Bridge,
  session: Session,
  signal: AbortSignal,
  onRead: () => void,
): Promise<Sync> {
  const queries = await session.listMessagingJobQueries(signal);
  refuseRepeatedKeys(queries);
  const fields = await session.listPersonalizationFields(signal);
  const categories = await readCategories(ctx, session, signal);
  onRead();
  await ctx.db.transaction(ctx.accountId, (tx) =>
    updateSyncState(tx, ctx.accountId, sync, "applying", ctx.clock.now()),
  );
  const amsName = ctx.connectors.get(bridge.connector)?.name ?? bridge.connector;
  crashPoint("list.before_apply");
  const ended = await ctx.db.transaction(ctx.accountId, async (tx) => {
    const now = ctx.clock.now();
    const folder = await ensureBridgeFolder(tx, ctx.accountId, bridge.id, amsName, now);
    const changes = {
      groups: await mergeGroups(tx, ctx.accountId, bridge.id, folder, queries, now),
      fields: await mergeFields(tx, ctx.accountId, bridge.id, fields, now),
    };
    const optOut = categories && (await mergeCategories(tx, ctx.accountId, bridge.id, categories, now));
    const recorded = {
      groups: record(changes.groups),
      fields: record(changes.fields),
      ...(optOut && { optOutCategories: record(optOut) }),
    };
    await endListSync(tx, ctx.accountId, sync, recorded, now);
    await updateListSyncedAt(tx, ctx.accountId, bridge.id, now);
    const ended = await endSync(tx, ctx, sync, describe({ ...changes, ...(optOut && { optOut }) }), null);
    crashPoint("list.in_apply");
    return ended;
  });
  crashPoint("list.after_apply");
  return ended;
}

/**
 * The opt-out categories are no part of what a bridge needs: where a site has none, or gives an answer that can't be
 * used, those that are known stay as they are, and the lists that count go on.
 * @throws AmsError when the bridge itself can't go on
 */
async function readCategories(
  ctx: AccountContext,
  session: Session,
  signal: AbortSignal,
): Promise<readonly OptOutCategory[] | null> {
  try {
    return (await session.listOptOutCategories?.(signal)) ?? null;
  } catch (error) {
    if (!(error instanceof AmsError) || error.kind === "cancelled" || error.kind === "credentials") throw error;
    ctx.log.warn({ reason: error.message, detail: error.detail }, "the opt-out categories could not be read");
    return null;
  }
}

/** Two queries under one key would rename one group back and forth. */
function refuseRepeatedKeys(queries: readonly MessagingJobQuery[]): void {
  const keys = new Set<string>();
  for (const query of queries) {
    if (keys.has(query.key)) {
      throw new AmsError(
        "incomplete",
        "The list of messaging job queries has one of them twice, so it can't be trusted to be whole.",
        {
          detail: `key ${query.key}`,
        },
      );
    }
    keys.add(query.key);
  }
}

/** The record of a sync keeps names to look at, not a site's whole catalogue. */
const namesKept = 200;

function record(changes: ListChanges): RecordedChanges {
  return {
    added: changes.added.slice(0, namesKept),
    renamed: changes.renamed.slice(0, namesKept),
    missing: changes.missing.slice(0, namesKept),
    revived: changes.revived.slice(0, namesKept),
    counts: {
      added: changes.added.length,
      renamed: changes.renamed.length,
      missing: changes.missing.length,
      revived: changes.revived.length,
    },
  };
}

interface Changes {
  readonly groups: ListChanges;
  readonly fields: ListChanges;
  readonly optOut?: ListChanges;
}

function describe({ groups, fields, optOut }: Changes): string {
  const parts = (["added", "renamed", "missing", "revived"] as const).flatMap((change) => [
    ...(groups[change].length > 0 ? [`${groups[change].length} target groups ${change}`] : []),
    ...(fields[change].length > 0 ? [`${fields[change].length} fields ${change}`] : []),
    ...(optOut && optOut[change].length > 0 ? [`${optOut[change].length} opt-out categories ${change}`] : []),
  ]);
  return parts.length > 0 ? `Done: ${parts.join(", ")}` : "Done: nothing changed";
}
