import { z } from "zod";
import { may, type Permission } from "../../domain/accounts/permissions.rules.ts";
import { isSampleOffered } from "../../domain/bridges/try-sample.ts";
import { listHeldInstances } from "../../domain/mailings/publish/find-instances.ts";
import { listHeldBounces } from "../../domain/mailings/responses/held-bounces.ts";
import { findUnsentNotices } from "../../domain/notices/find-unsent.ts";
import { findOverview } from "../../domain/syncs/overview.ts";
import { listSwitchedOff } from "../../domain/webhooks/find-switched-off.ts";
import { findFailedWritebacks } from "../../domain/writebacks/find-failed.ts";
import type { Api } from "../route.ts";
import { id, instant, plain, syncBody } from "../schemas.ts";
import { heldBounces } from "./held-bounces.ts";
import { instanceBody } from "./instances.ts";
import { runBody } from "./nightly.ts";

const trouble = z.object({
  kind: z.enum(["held", "failed", "missing"]),
  groupId: id,
  groupName: z.string(),
  syncId: id.nullable(),
  at: instant,
  reason: z.string(),
});
const home = z
  .object({
    bridge: z
      .object({
        isActive: z.boolean(),
        listSyncedAt: instant.nullable(),
        health: z.object({
          needsAttentionSince: instant.nullable(),
          needsAttentionReason: z.string().nullable(),
          failuresInARow: z.number(),
          probeAt: instant.nullable(),
        }),
      })
      .nullable(),
    isSampleOffered: z
      .boolean()
      .meta({ description: "Without a bridge, made-up data can be tried: POST /bridge/sample" }),
    troubles: z.array(trouble).meta({ description: "The first 20 groups that require attention" }),
    moreTroubles: z.boolean(),
    failedList: z
      .object({ syncId: id, at: instant, reason: z.string() })
      .nullable()
      .meta({ description: "The latest list sync, if it failed" }),
    onHold: z.array(instanceBody).meta({ description: "The first 20 mailings that wait for a person" }),
    heldBounces: z.array(heldBounces).meta({ description: "Publishings whose bounces came in a flood, at most 20" }),
    failedWritebacks: z
      .object({ failed: z.number(), at: instant, reason: z.string() })
      .nullable()
      .meta({ description: "How many wait for a person, and the reason of the latest; null while none has failed" }),
    switchedOffWebhooks: z
      .array(z.object({ id, url: z.string(), failingSince: instant.nullable(), reason: z.string() }))
      .meta({ description: "Webhooks that nothing could be sent to; empty for whoever may not see webhooks" }),
    unsentNotices: z.object({ users: z.number(), at: instant, name: z.string(), reason: z.string() }).nullable().meta({
      description: "Users whom notices don't reach, and the latest of them; null for whoever may not see users",
    }),
    running: z.array(syncBody).meta({ description: "At most 20" }),
    waiting: z.number(),
    freshness: z
      .object({ hour: z.number(), day: z.number(), week: z.number(), older: z.number(), never: z.number() })
      .meta({ description: "Bridge groups by the age of their count: at most an hour, a day, a week; older; never" }),
    audience: z
      .array(z.object({ date: z.string(), sendable: z.number() }))
      .meta({ description: "Sendable people on each of the last 90 days that were measured" }),
    lastNight: runBody
      .extend({
        taken: z.number(),
        succeeded: z.number(),
        failed: z.number(),
        held: z.number(),
        open: z.number(),
      })
      .nullable(),
  })
  .meta({ id: "Home" });

/** Home, in one answer. */
export async function homeRoutes(api: Api): Promise<void> {
  api.get(
    "/home",
    {
      config: { permission: "syncs:read" },
      schema: {
        summary: "What requires attention, runs, is fresh and grows",
        tags: ["home"],
        response: { 200: home },
      },
    },
    async ({ account, rights }) => {
      const maySee = (permission: Permission) => rights !== null && may(rights, permission);
      const overview = await findOverview(account);
      const onHold = await listHeldInstances(account);
      const failedWritebacks = await findFailedWritebacks(account);
      return plain({
        ...overview,
        onHold,
        heldBounces: await listHeldBounces(account),
        failedWritebacks,
        switchedOffWebhooks: maySee("webhooks:manage") ? await listSwitchedOff(account) : [],
        unsentNotices: maySee("users:manage") ? await findUnsentNotices(account) : null,
        isSampleOffered: overview.bridge === null && isSampleOffered(account),
      });
    },
  );
}
