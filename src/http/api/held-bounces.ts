import { z } from "zod";
import type { InstanceId } from "../../domain/mailings/mailing.ts";
import {
  applyHeldBounces,
  discardHeldBounces,
  listHeldBounces,
  listHeldOf,
} from "../../domain/mailings/responses/held-bounces.ts";
import type { Api } from "../route.ts";
import { cursor, decodeCursor, id, idParams, instant, limit, nextCursor, page, plain } from "../schemas.ts";

export const heldBounces = z
  .object({
    instanceId: id,
    name: z.string(),
    people: z.number(),
    stillMarked: z.number().meta({
      description: "Of them: whom the AMS was told of before the flood was known; they stay marked until the decision",
    }),
    firstAt: instant,
    lastAt: instant,
    reasons: z
      .array(z.object({ reason: z.string(), people: z.number() }))
      .meta({ description: "What the receiving servers said most often, at most three" }),
  })
  .meta({ id: "HeldBounces" });
const heldBounce = z
  .object({
    place: z.number(),
    subscriberId: z.number(),
    email: z.string(),
    at: instant,
    reason: z.string().nullable(),
    isStillMarked: z.boolean().meta({ description: "The AMS was told of it before the flood was known" }),
  })
  .meta({ id: "HeldBounce" });

/** Bounces of a flood: they mark no address as bad until an administrator has looked. (product 4.5) */
export async function heldBounceRoutes(api: Api): Promise<void> {
  const tags = ["mailings"];
  api.get(
    "/held-bounces",
    {
      config: { permission: "mailings:read" },
      schema: {
        summary: "Publishings whose bounces are held, the latest first; at most 20",
        tags,
        response: { 200: z.object({ items: z.array(heldBounces) }) },
      },
    },
    async ({ account }) => plain({ items: await listHeldBounces(account) }),
  );
  api.get(
    "/instances/:id/held-bounces",
    {
      config: { permission: "subscribers:read" },
      schema: {
        summary: "Whom the held bounces of a publishing are about",
        tags,
        params: idParams,
        querystring: z.object({ limit, cursor }),
        response: { 200: page(heldBounce) },
      },
    },
    async ({ account, params, query }) => {
      const list = `held bounces ${params.id}`;
      const after = decodeCursor(list, query.cursor, z.int());
      const items = await listHeldOf(account, params.id as InstanceId, { limit: query.limit, after });
      return plain({ items, next: nextCursor(list, items, query.limit, (last) => last.place) });
    },
  );
  for (const [name, decide, summary] of [
    ["apply", applyHeldBounces, "Mark the addresses of held bounces as bad"],
    ["discard", discardHeldBounces, "Let held bounces mark nobody; the report keeps them"],
  ] as const) {
    api.post(
      `/instances/:id/held-bounces/${name}`,
      {
        config: { permission: "subscribers:change", isRepeatable: true },
        schema: { summary, tags, params: idParams, response: { 200: z.object({ people: z.number() }) } },
      },
      async ({ account, params }) => ({ people: await decide(account, params.id as InstanceId) }),
    );
  }
}
