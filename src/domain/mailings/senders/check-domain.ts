import { NotFoundError } from "../../../platform/errors.ts";
import type { AccountContext } from "../../context.ts";
import { countSpf } from "./count-spf.ts";
import { dkimRecord, dmarcRecord, spfTermOf } from "./dns-records.rules.ts";
import { signingNamesFor } from "./domain-name.rules.ts";
import { judgeDkim, judgeDmarc, judgeMx, judgeReturnPath, judgeSpf, spfTexts } from "./judge-dns.rules.ts";
import type { DomainKey, Finding, SendingDomain, SendingDomainId } from "./sending-domain.ts";
import { selectDomain, updateFindings } from "./store.ts";

/**
 * Asks DNS what receivers will find, and keeps it. DNS is asked outside any transaction and answers or fails within
 * seconds; what can't be known is a warning. (issue: sending domain)
 * @throws NotFoundError
 */
export async function checkDomain(ctx: AccountContext, id: SendingDomainId): Promise<SendingDomain> {
  const domain = await findDomain(ctx, id);
  const findings = await askDns(ctx, domain);
  await ctx.db.transaction(ctx.accountId, (tx) => updateFindings(tx, ctx.accountId, domain, findings, ctx.clock.now()));
  return findDomain(ctx, id);
}

/** @throws NotFoundError */
export async function findDomain(ctx: AccountContext, id: SendingDomainId): Promise<SendingDomain> {
  const found = await ctx.db.transaction(ctx.accountId, (tx) => selectDomain(tx, ctx.accountId, id));
  if (!found) throw new NotFoundError("sending domain", id);
  return found;
}

async function askDns(ctx: AccountContext, { name, key, nextKey }: SendingDomain): Promise<readonly Finding[]> {
  const dkim = async (kind: "dkim" | "next_dkim", one: DomainKey) => [
    judgeDkim(kind, name, one, await ctx.dns.txt(dkimRecord(name, one).name)),
  ];
  const findings = await Promise.all([
    dkim("dkim", key),
    nextKey ? dkim("next_dkim", nextKey) : [],
    askSpf(ctx, name),
    askDmarc(ctx, name),
    askMx(ctx, name),
    askReturnPath(ctx),
  ]);
  return findings.flat();
}

async function askSpf(ctx: AccountContext, name: string): Promise<Finding[]> {
  const envelope = ctx.bounceDomain ?? name;
  const text = ctx.spfTerm ?? spfTermOf(ctx.publicUrl);
  const term = text === null ? null : { text, isGiven: ctx.spfTerm !== null };
  const answer = await ctx.dns.txt(envelope);
  const [record, another] = spfTexts(answer);
  const cost = record === undefined || another !== undefined ? null : await countSpf(ctx, envelope, record);
  return [judgeSpf(envelope, term, answer, cost)];
}

/** The domain's own record goes before its parents'. (RFC 7489 6.6.3) */
async function askDmarc(ctx: AccountContext, name: string): Promise<Finding[]> {
  const names = signingNamesFor(`@${name}`);
  return [judgeDmarc(name, await Promise.all(names.map((one) => ctx.dns.txt(dmarcRecord(one).name))))];
}

async function askMx(ctx: AccountContext, name: string): Promise<Finding[]> {
  const [mx, address] = await Promise.all([ctx.dns.mx(name), ctx.dns.address(name)]);
  return [judgeMx(mx, address)];
}

async function askReturnPath(ctx: AccountContext): Promise<Finding[]> {
  if (ctx.bounceDomain === null) return [];
  const host = spfTermOf(ctx.publicUrl)?.startsWith("a:") ? new URL(ctx.publicUrl).hostname : null;
  return [judgeReturnPath(ctx.bounceDomain, host, await ctx.dns.mx(ctx.bounceDomain))];
}
