import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import { selectSyncs } from "../../syncs/store.ts";
import type { Sync } from "../../syncs/sync.ts";
import { selectGroups } from "../../target-groups/store.ts";
import type { GroupId, TargetGroup } from "../../target-groups/target-group.ts";
import type { Instance } from "../instance.ts";
import type { InstanceId } from "../mailing.ts";
import type { ExclusionReason, RecipientState } from "../recipient.ts";
import { getInstance } from "./get-instance.ts";
import {
  countExclusions,
  countRecipients,
  type InstanceFilter,
  type InstanceRecipient,
  type InstanceRow,
  type LeftOut,
  type RecipientFilter,
  selectHeldInstances,
  selectInstanceEvents,
  selectInstancePage,
  selectLeftOut,
  selectRecipients,
} from "./instance-page-store.ts";
import type { InstanceEvent } from "./instance-store.ts";
import { selectInstanceAudience } from "./publish-store.ts";
import { findGroupsToSync } from "./sync-audience.ts";
import { selectInstanceSyncs } from "./sync-store.ts";

/** One publishing with all that its page shows. */
export interface InstanceStory {
  readonly instance: Instance;
  readonly to: readonly TargetGroup[];
  readonly notTo: readonly TargetGroup[];
  /** Each group that is brought in step, with its latest sync for this publishing. */
  readonly groups: readonly GroupProgress[];
  readonly recipients: Readonly<Record<RecipientState, number>>;
  readonly exclusions: Readonly<Record<ExclusionReason, number>>;
  readonly events: readonly InstanceEvent[];
}

export interface GroupProgress {
  readonly group: TargetGroup;
  readonly round: number | null;
  readonly sync: Sync | null;
  /** Why no sync could be asked for. */
  readonly reason: string | null;
}

/** @throws NotFoundError when the account has no such instance */
export function findInstance(ctx: AccountContext, id: InstanceId): Promise<InstanceStory> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const instance = await getInstance(tx, ctx, id);
    const { to, notTo } = await selectInstanceAudience(tx, ctx.accountId, id);
    const found = await selectGroups(tx, ctx.accountId, [...to, ...notTo]);
    const known = (ids: readonly GroupId[]) => ids.flatMap((group) => found.get(group) ?? []);
    return {
      instance,
      to: known(to),
      notTo: known(notTo),
      groups: await findProgress(tx, ctx, instance),
      recipients: await countRecipients(tx, ctx.accountId, id, instance.recipients),
      exclusions: await countExclusions(tx, ctx.accountId, id),
      events: await selectInstanceEvents(tx, ctx.accountId, id),
    };
  });
}

async function findProgress(tx: Tx, ctx: AccountContext, instance: Instance): Promise<readonly GroupProgress[]> {
  const asked = await selectInstanceSyncs(tx, ctx.accountId, instance);
  const syncs = await selectSyncs(
    tx,
    ctx.accountId,
    asked.flatMap(({ syncId }) => syncId ?? []),
  );
  const groups = await findGroupsToSync(tx, ctx, instance);
  return groups.map((group) => {
    const last = asked.findLast(({ groupId }) => groupId === group.id);
    const sync = syncs.find(({ id }) => id === last?.syncId) ?? null;
    return { group, round: last?.round ?? null, sync, reason: last?.reason ?? null };
  });
}

/** One page of instances, those due last first. */
export function listInstances(ctx: AccountContext, filter: InstanceFilter): Promise<readonly InstanceRow[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectInstancePage(tx, ctx.accountId, filter));
}

const heldShown = 20;

/** Mailings on hold, for *Requires attention*. At most 20. (product 4.3) */
export function listHeldInstances(ctx: AccountContext): Promise<readonly InstanceRow[]> {
  return ctx.db.transaction(ctx.accountId, (tx) => selectHeldInstances(tx, ctx.accountId, heldShown));
}

/** One page of an instance's recipients. @throws NotFoundError when the account has no such instance */
export function listRecipients(ctx: AccountContext, filter: RecipientFilter): Promise<readonly InstanceRecipient[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getInstance(tx, ctx, filter.id);
    return selectRecipients(tx, ctx.accountId, filter);
  });
}

/** One page of who is left out for a reason. @throws NotFoundError when the account has no such instance */
export function listLeftOut(
  ctx: AccountContext,
  filter: Parameters<typeof selectLeftOut>[2],
): Promise<readonly LeftOut[]> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    await getInstance(tx, ctx, filter.id);
    return selectLeftOut(tx, ctx.accountId, filter);
  });
}
