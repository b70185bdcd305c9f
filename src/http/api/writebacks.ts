import { z } from "zod";
import { findSubscriber } from "../../domain/subscribers/find-subscribers.ts";
import { findWriteback, listWritebacks, summarizeWritebacks } from "../../domain/writebacks/find-writebacks.ts";
import { retryWriteback, retryWritebacks, sendWritebacksNow } from "../../domain/writebacks/send-now.ts";
import { type WritebackState, writebackStates, writebackTypes } from "../../domain/writebacks/writeback.ts";
import type { Api } from "../route.ts";
import {
  cursor,
  decodeCursor,
  id,
  instant,
  limit,
  line,
  listOf,
  nextCursor,
  page,
  plain,
  several,
  toInstant,
} from "../schemas.ts";

const writebackBody = z
  .object({
    id: z.number(),
    bridgeId: id,
    remoteId: z.string(),
    subscriberId: z.number().nullable(),
    email: z.string().nullable(),
    type: z.enum(writebackTypes),
    decidedAt: instant,
    reason: z.string().nullable(),
    state: z.enum(writebackStates),
    dueAt: instant,
    tries: z.number().int(),
    endedAt: instant.nullable(),
    errorKind: z.string().nullable(),
    errorMessage: z.string().nullable(),
    errorDetail: z.string().nullable().meta({ description: "For administrators and staff; null for everybody else" }),
    supersededBy: z.number().nullable(),
  })
  .meta({
    id: "Writeback",
    description: "`subscriberId` and `email` are null once the person was erased here; the error is the last try's",
  });
const count = z.number().int();
const counts = z.object(
  Object.fromEntries(writebackStates.map((state) => [state, count])) as Record<WritebackState, typeof count>,
);
const summary = z
  .object({
    counts,
    nextDueAt: instant.nullable().meta({ description: "When the next one that waits is due; null when none waits" }),
    days: z.array(z.object({ day: z.iso.date(), counts })),
  })
  .meta({
    id: "WritebackSummary",
    description: "`days` are the last 30, by when it was decided, in the account's zone",
  });

const numberId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** Writebacks: what goes back to the AMS, how it stands, sending now and trying again. */
export async function writebackRoutes(api: Api): Promise<void> {
  const tags = ["writebacks"];
  const filter = z.object({
    state: several(z.enum(writebackStates)),
    type: several(z.enum(writebackTypes)),
    search: line(320).optional().meta({ description: "The beginning of the address, or of the customer key" }),
    from: instant.optional().meta({ description: "Decided at or after it" }),
    to: instant.optional().meta({ description: "Decided before it" }),
    limit,
    cursor,
  });
  api.get(
    "/writebacks",
    {
      config: { permission: "writebacks:read" },
      schema: {
        summary: "The Writeback List, the latest first",
        tags,
        querystring: filter,
        response: { 200: page(writebackBody) },
      },
    },
    async ({ account, query }) => {
      const found = await listWritebacks(account, {
        states: listOf(query.state),
        types: listOf(query.type),
        search: query.search,
        from: toInstant(query.from),
        to: toInstant(query.to),
        limit: query.limit,
        after: decodeCursor("writebacks", query.cursor, z.int()),
      });
      return plain({ items: found, next: nextCursor("writebacks", found, query.limit, (last) => last.id) });
    },
  );
  api.get(
    "/writebacks/summary",
    {
      config: { permission: "writebacks:read" },
      schema: { summary: "How many there are in each state, in all and by day", tags, response: { 200: summary } },
    },
    async ({ account }) => plain(await summarizeWritebacks(account)),
  );
  const params = z.object({ id: numberId });
  api.get(
    "/writebacks/:id",
    {
      config: { permission: "writebacks:read" },
      schema: { summary: "One writeback", tags, params, response: { 200: writebackBody } },
    },
    async ({ account, params }) => plain(await findWriteback(account, params.id)),
  );
  api.get(
    "/subscribers/:id/writebacks",
    {
      config: { permission: "writebacks:read" },
      schema: {
        summary: "One person's writebacks, the latest first",
        tags,
        params,
        querystring: z.object({ limit, cursor }),
        response: { 200: page(writebackBody) },
      },
    },
    async ({ account, params, query }) => {
      const { remoteId } = await findSubscriber(account, params.id);
      const list = `writebacks of ${params.id}`;
      const after = decodeCursor(list, query.cursor, z.int());
      const found = remoteId === null ? [] : await listWritebacks(account, { remoteId, limit: query.limit, after });
      return plain({ items: found, next: nextCursor(list, found, query.limit, (last) => last.id) });
    },
  );
  const send = { permission: "writebacks:send" } as const;
  api.post(
    "/writebacks/send",
    {
      config: { ...send, isRepeatable: true },
      schema: {
        summary: "Send what waits now, instead of at the next tick",
        tags,
        response: { 202: z.object({ ready: count }).meta({ description: "How many are sent" }) },
      },
    },
    async ({ account }, reply) => reply.code(202).send({ ready: await sendWritebacksNow(account) }),
  );
  const which = z.union([
    z.strictObject({ ids: z.array(z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)).min(1).max(1000) }),
    z.strictObject({ all: z.literal(true) }),
  ]);
  api.post(
    "/writebacks/retry",
    {
      config: { ...send, isRepeatable: true },
      schema: {
        summary: "Try failed ones again: some, or all",
        tags,
        body: which,
        response: { 202: z.object({ retried: count }).meta({ description: "Those that had not failed are left" }) },
      },
    },
    async ({ account, body }, reply) =>
      reply.code(202).send({ retried: await retryWritebacks(account, "ids" in body ? body.ids : null) }),
  );
  api.post(
    "/writebacks/:id/retry",
    {
      config: { ...send, isRepeatable: true },
      schema: { summary: "Try a failed one again", tags, params, response: { 202: writebackBody } },
    },
    async ({ account, params }, reply) => reply.code(202).send(plain(await retryWriteback(account, params.id))),
  );
}
