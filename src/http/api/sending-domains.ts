import { z } from "zod";
import {
  addDomain,
  discardKey,
  listDomains,
  prepareKey,
  removeDomain,
  replaceKey,
} from "../../domain/mailings/senders/change-domains.ts";
import { checkDomain } from "../../domain/mailings/senders/check-domain.ts";
import { dkimRecord } from "../../domain/mailings/senders/dns-records.rules.ts";
import {
  type DomainKey,
  findingKinds,
  findingStatuses,
  type SendingDomain,
  type SendingDomainId,
} from "../../domain/mailings/senders/sending-domain.ts";
import type { Api } from "../route.ts";
import { id, idParams, instant, line, plain } from "../schemas.ts";

const record = z
  .object({ name: z.string(), type: z.enum(["TXT", "MX"]), value: z.string() })
  .meta({ id: "DnsRecord", description: "To be put into DNS as it is" });
const key = z.object({ selector: z.string(), record });
const body = z
  .object({
    id,
    name: z.string().meta({ description: "In IDNA form, lower case" }),
    key,
    nextKey: key.nullable().meta({ description: "Waits to take the key's place" }),
    createdAt: instant,
    createdBy: z.string(),
    checkedAt: instant.nullable(),
    findings: z.array(
      z.object({
        kind: z.enum(findingKinds),
        status: z.enum(findingStatuses),
        message: z.string(),
        found: z.array(z.string()).meta({ description: "Records as they stand in DNS" }),
        record: record
          .nullable()
          .meta({ description: "What to paste; null where nothing is to be, or only the domain's owner can know" }),
      }),
    ),
    version: z.number(),
  })
  .meta({ id: "SendingDomain" });

function present({ key, nextKey, ...domain }: SendingDomain) {
  const half = (one: DomainKey) => ({ selector: one.selector, record: dkimRecord(domain.name, one) });
  return plain({ ...domain, key: half(key), nextKey: nextKey && half(nextKey) });
}

/** Domains that the account's mails come from, their keys, and what DNS says about them. Private keys stay inside. */
export async function sendingDomainRoutes(api: Api): Promise<void> {
  const tags = ["sending domains"];
  const change = { permission: "sending-domains:change" } as const;
  const idOf = (params: { id: string }) => params.id as SendingDomainId;
  api.get(
    "/sending-domains",
    {
      config: { permission: "sending-domains:read" },
      schema: {
        summary: "Domains to send from, with what DNS said at the last look",
        tags,
        response: { 200: z.object({ items: z.array(body) }) },
      },
    },
    async ({ account }) => ({ items: (await listDomains(account)).map(present) }),
  );
  api.post(
    "/sending-domains",
    {
      config: { ...change, isRepeatable: true },
      schema: {
        summary: "Add a domain with a key of its own, and look into DNS",
        tags,
        body: z.strictObject({ name: line(255) }),
        response: { 201: body },
      },
    },
    async ({ account, body }, reply) => reply.code(201).send(present(await addDomain(account, body.name))),
  );
  api.delete(
    "/sending-domains/:id",
    {
      config: change,
      schema: {
        summary: "Remove a domain and its keys: its mails go unsigned from now on",
        tags,
        params: idParams,
        response: { 204: z.null() },
      },
    },
    async ({ account, params }, reply) => {
      await removeDomain(account, idOf(params));
      return reply.code(204).send(null);
    },
  );
  const steps = [
    ["check", "Look into DNS again", checkDomain],
    ["prepare-key", "Make a second key, which waits until its record stands in DNS", prepareKey],
    ["discard-key", "Let the key that waits go", discardKey],
    ["replace-key", "Let the key that waits sign from now on; DNS must have it", replaceKey],
  ] as const;
  for (const [path, summary, run] of steps)
    api.post(
      `/sending-domains/:id/${path}`,
      {
        config: { ...change, isRepeatable: true },
        schema: { summary, tags, params: idParams, response: { 200: body } },
      },
      async ({ account, params }) => present(await run(account, idOf(params))),
    );
}
