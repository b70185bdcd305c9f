import { z } from "zod";
import { nameOf } from "../../domain/accounts/user.ts";
import { findStorage } from "../../domain/installation/find-storage.ts";
import { findInstallation, resumeInstallation } from "../../domain/installation/installation.ts";
import { keptSettings } from "../../domain/installation/storage.rules.ts";
import { personOf } from "../access.ts";
import type { Api, RouteOptions } from "../route.ts";
import { id, instant, plain } from "../schemas.ts";

const pause = z
  .object({
    pausedAt: instant.nullable(),
    pausedReason: z.string().nullable(),
    erasuresUnknownSince: instant.nullable().meta({
      description: "Restored from a state of then: whoever was erased since is back, and whom is not known here",
    }),
  })
  .meta({ id: "Installation", description: "Paused, no mailing and no writeback leaves: this may be a copy" });

const amount = z.object({ rows: z.number(), bytes: z.number().meta({ description: "Estimated" }) });
const storage = z
  .object({
    countedAt: instant.nullable().meta({ description: "Rows are of this night, sizes of now" }),
    databaseBytes: z.number(),
    tables: z.array(
      z.object({
        name: z.string(),
        bytes: z.number(),
        rows: z.number().nullable(),
        oldestAt: instant.nullable(),
        newestAt: instant.nullable(),
        grewBytes: z.number().nullable().meta({ description: "In 30 nights, or since the first" }),
        olderThanYear: amount,
        keptBy: z.enum(keptSettings).nullable().meta({ description: "The account setting that its rows go by" }),
      }),
    ),
    accounts: z.array(
      amount.extend({
        id,
        name: z.string(),
        due: amount.meta({ description: "What the next night removes" }),
        olderThanYear: amount.meta({ description: "What would go if all that goes by a setting were kept a year" }),
      }),
    ),
    history: z.array(z.object({ date: z.string(), bytes: z.number() })),
  })
  .meta({ id: "Storage" });

/** About the whole installation: whether it may send, and how large it is. (product 6.3) */
export async function installationRoutes(api: Api, { app }: RouteOptions): Promise<void> {
  const { ctx } = app;
  const tags = ["staff"];
  const manage = { permission: "accounts:manage" } as const;
  const asPause = async () => {
    const found = await findInstallation(ctx);
    return plain({
      pausedAt: found?.pausedAt ?? null,
      pausedReason: found?.pausedReason ?? null,
      erasuresUnknownSince: found?.erasuresUnknownSince ?? null,
    });
  };
  api.get(
    "/installation",
    {
      config: { permission: "user" },
      schema: { summary: "Whether mailings and writebacks are paused, and why", tags, response: { 200: pause } },
    },
    asPause,
  );
  api.post(
    "/installation/resume",
    {
      config: manage,
      schema: {
        summary: "Say that this is the installation that sends: mailings and writebacks go on",
        tags,
        body: z
          .strictObject({
            nobodyErased: z.boolean().optional().meta({
              description: "Where erasures are unknown: nobody was erased since, or they are erased again",
            }),
          })
          .nullish(),
        response: { 200: pause },
      },
    },
    async (request) => {
      await resumeInstallation(ctx, nameOf(personOf(request).user), request.body?.nobodyErased);
      return asPause();
    },
  );
  api.get(
    "/storage",
    {
      config: manage,
      schema: { summary: "How large every table and every account is", tags, response: { 200: storage } },
    },
    async () => plain(await findStorage(ctx)),
  );
}
