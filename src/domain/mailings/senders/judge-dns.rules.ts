import type { DnsAnswer, Exchanger } from "../../../platform/dns.ts";
import type { SpfCost } from "./count-spf.ts";
import { dkimRecord, dmarcRecord, readTags, spfRecord } from "./dns-records.rules.ts";
import type { DnsRecord, DomainKey, Finding, FindingKind, FindingStatus } from "./sending-domain.ts";
import { isSpf, mostLookups, mostVoids } from "./spf.rules.ts";

type Judged = Omit<Finding, "kind">;
const judged = (
  status: FindingStatus,
  message: string,
  found: readonly string[],
  record: DnsRecord | null,
): Judged => ({
  status,
  message,
  found,
  record,
});

/** Nobody knows: the look-up failed, which says nothing about the record. */
function unknown(kind: FindingKind, { reason }: { reason: string }, record: DnsRecord | null): Finding {
  return { kind, ...judged("warning", `The name server ${reason}. Look again in some minutes.`, [], record) };
}

/** Whether receivers find the public half of the key that signs. (RFC 6376) */
export function judgeDkim(
  kind: "dkim" | "next_dkim",
  domain: string,
  key: DomainKey,
  answer: DnsAnswer<string>,
): Finding {
  const record = dkimRecord(domain, key);
  if (answer.state === "failed") return unknown(kind, answer, record);
  const found = answer.state === "found" ? answer.records.filter((text) => readTags(text).has("p")) : [];
  return { kind, ...judgeKey(key, found, record) };
}

function judgeKey(key: DomainKey, found: readonly string[], record: DnsRecord): Judged {
  const [text, another] = found;
  if (text === undefined)
    return judged("missing", "Receivers find no key, so they can't prove that mails are yours.", [], record);
  if (another !== undefined)
    return judged("wrong", "Several keys stand under one name: leave this one only.", found, record);
  const tags = readTags(text);
  const publicKey = (tags.get("p") ?? "").replaceAll(/\s+/g, "");
  if (publicKey === "") return judged("wrong", "The record says that this key was withdrawn.", found, record);
  if (publicKey !== key.publicKey) {
    const message = key.publicKey.startsWith(publicKey)
      ? `The key is cut off after ${publicKey.length} of ${key.publicKey.length} letters: paste it whole, or in pieces of at most 255 characters.`
      : "Another key stands there: replace it with this one.";
    return judged("wrong", message, found, record);
  }
  if ((tags.get("t") ?? "").split(":").includes("y"))
    return judged("warning", "The key is marked as a test (t=y): some receivers don't count it.", found, record);
  return judged("ok", "Receivers find the key that signs your mails.", found, record);
}

/**
 * Whether a domain says that these servers may send for it. Asked of the domain that bounces return to: that is the one
 * that receivers look at. (RFC 7208)
 * @param term what the record must name; null where nobody can know
 * @param cost what receivers have to look up for it; null where there isn't one record
 */
export function judgeSpf(
  domain: string,
  term: { readonly text: string; readonly isGiven: boolean } | null,
  answer: DnsAnswer<string>,
  cost: SpfCost | null,
): Finding {
  const texts = spfTexts(answer);
  const record = spfRecord(domain, texts, term?.text ?? null);
  if (answer.state === "failed") return unknown("spf", answer, record);
  return { kind: "spf", ...judgeSpfRecords(texts, record, term, cost) };
}

export const spfTexts = (answer: DnsAnswer<string>) => (answer.state === "found" ? answer.records.filter(isSpf) : []);

function judgeSpfRecords(
  texts: readonly string[],
  record: DnsRecord,
  term: { readonly text: string; readonly isGiven: boolean } | null,
  cost: SpfCost | null,
): Judged {
  const [text, another] = texts;
  if (text === undefined) return judged("missing", `${record.name} doesn't say who may send for it.`, [], record);
  if (another !== undefined)
    return judged("wrong", "There are several SPF records, so receivers believe none: keep one.", texts, record);
  const terms = text.trim().toLowerCase().split(/\s+/).slice(1);
  if (terms.some((one) => /^\+?all$/.test(one)))
    return judged("wrong", "The record lets everybody in the world send for this domain.", texts, record);
  const tooDear = cost && judgeCost(cost);
  if (tooDear) return judged("wrong", tooDear, texts, null);
  if (term !== null && !terms.map((one) => one.replace(/^\+/, "")).includes(term.text.toLowerCase()))
    return term.isGiven
      ? judged("wrong", `The record doesn't name the servers that your mails come from: ${term.text}.`, texts, record)
      : judged("warning", `The record doesn't name ${term.text}; it may name it by another term.`, texts, record);
  if (!terms.some((one) => /^([?~-]all|redirect=.+)$/.test(one)))
    return judged("warning", "The record has no end: put ~all there.", texts, record);
  if (cost?.failed)
    return judged(
      "warning",
      `What the record leads to can't be looked at: asked for ${cost.failed.name}, the name server ${cost.failed.reason}. Look again in some minutes.`,
      texts,
      null,
    );
  return judged("ok", "The domain says who may send for it.", texts, null);
}

/** Why receivers drop the record, or null. */
function judgeCost({ lookups, voids, broken }: SpfCost): string | null {
  if (lookups > mostLookups)
    return `The record needs more than ${mostLookups} look-ups, with what it includes; receivers give up there. Take out what nobody sends by any more.`;
  if (broken) return `${broken.name}${broken.words}: receivers drop the whole record.`;
  if (voids.length > mostVoids)
    return `The record asks for names that have no such entry: ${voids.join(", ")}. Receivers give up after ${mostVoids}.`;
  return null;
}

/**
 * Whether the domain says what shall happen to mails that prove nothing, and whether ours count as its own.
 * @param answers of `_dmarc` at the domain and at its parents, the longest first
 */
export function judgeDmarc(domain: string, answers: readonly DnsAnswer<string>[]): Finding {
  const record = dmarcRecord(domain);
  for (const answer of answers) {
    if (answer.state === "failed") return unknown("dmarc", answer, record);
    const texts =
      answer.state === "found" ? answer.records.filter((text) => /^v\s*=\s*DMARC1\s*(;|$)/i.test(text)) : [];
    if (texts.length > 0) return { kind: "dmarc", ...judgeDmarcRecords(texts, record) };
  }
  const message = "The domain has no DMARC record; large receivers ask senders of many mails for one.";
  return { kind: "dmarc", ...judged("missing", message, [], record) };
}

function judgeDmarcRecords(texts: readonly string[], record: DnsRecord): Judged {
  const [text = "", another] = texts;
  if (another !== undefined)
    return judged("wrong", "There are several DMARC records, so receivers believe none: keep one.", texts, record);
  const tags = readTags(text);
  const policy = (tags.get("p") ?? "").toLowerCase();
  if (!["none", "quarantine", "reject"].includes(policy))
    return judged("wrong", "The record says no policy that receivers know (p=).", texts, record);
  if ((tags.get("adkim") ?? "r").toLowerCase() === "s")
    return judged(
      "warning",
      "Alignment is strict (adkim=s): mails count as yours from addresses of exactly this domain, not of its subdomains.",
      texts,
      null,
    );
  const more = policy === "none" ? " It only watches (p=none): quarantine would also protect the name." : "";
  return judged("ok", `Signed mails count as the domain's own.${more}`, texts, null);
}

/** Whether answers to the sender arrive: receivers refuse senders that can't be answered. (RFC 5321 5.1, RFC 7505) */
export function judgeMx(mx: DnsAnswer<Exchanger>, address: DnsAnswer<string>): Finding {
  if (mx.state === "failed") return unknown("mx", mx, null);
  if (mx.state === "found") {
    const found = mx.records.map(({ priority, exchange }) => `${priority} ${exchange || "."}`);
    if (mx.records.every(({ exchange }) => exchange === "" || exchange === "."))
      return { kind: "mx", ...judged("wrong", "The domain says that it takes no mail at all.", found, null) };
    return { kind: "mx", ...judged("ok", "Answers to your mails arrive.", found, null) };
  }
  if (address.state === "found") {
    const message = "The domain has no mail server (MX) of its own; answers go to its web server, if that takes them.";
    return { kind: "mx", ...judged("warning", message, address.records, null) };
  }
  const message =
    "The domain takes no mail: answers get lost, and many receivers refuse such senders. Your mail provider names the MX record.";
  return { kind: "mx", ...judged("missing", message, [], null) };
}

/** Whether bounces come back. @param host where Lockstep listens; null where that has no public name */
export function judgeReturnPath(bounceDomain: string, host: string | null, mx: DnsAnswer<Exchanger>): Finding {
  const record: DnsRecord | null = host === null ? null : { name: bounceDomain, type: "MX", value: `10 ${host}` };
  if (mx.state === "failed") return unknown("return_path", mx, record);
  if (mx.state === "none") {
    const message = `Bounces return to ${bounceDomain}, which takes no mail. Its operator adds this record.`;
    return { kind: "return_path", ...judged("missing", message, [], record) };
  }
  const found = mx.records.map(({ priority, exchange }) => `${priority} ${exchange}`);
  return { kind: "return_path", ...judged("ok", `Bounces return to ${bounceDomain}.`, found, null) };
}
