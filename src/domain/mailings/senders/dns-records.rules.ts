import { isIP } from "node:net";
import type { DnsRecord, DomainKey } from "./sending-domain.ts";

/** Where a key's public half belongs, and what stands there. (RFC 6376 3.6.1) */
export function dkimRecord(domain: string, key: DomainKey): DnsRecord {
  return { name: `${key.selector}._domainkey.${domain}`, type: "TXT", value: `v=DKIM1; k=rsa; p=${key.publicKey}` };
}

/** A beginning that hurts nobody: receivers judge as before, and may report. (RFC 7489 6.3) */
export function dmarcRecord(domain: string): DnsRecord {
  return { name: `_dmarc.${domain}`, type: "TXT", value: "v=DMARC1; p=none" };
}

/** Text of the form `tag=value; tag=value`, as DKIM and DMARC have it. Names are compared in lower case. */
export function readTags(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(";").flatMap((part) => {
      const at = part.indexOf("=");
      return at < 1 ? [] : [[part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()] as const];
    }),
  );
}

/** What an SPF record must name where the operator has said nothing: the machine that mails come from; null where it has no public name. */
export function spfTermOf(publicUrl: string): string | null {
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost" || host === "::1" || host.startsWith("127.")) return null;
  const family = isIP(host);
  return family === 0 ? `a:${host}` : `ip${family}:${host}`;
}

/**
 * One SPF record that says what these say and names the servers that mailings come from. It ends softly, unless one of
 * them ends strictly. (RFC 7208)
 */
export function spfRecord(domain: string, records: readonly string[], term: string | null): DnsRecord {
  const terms = records.flatMap((record) => record.trim().split(/\s+/).slice(1));
  const isEnd = (text: string) => /^([+?~-]?all$|redirect=)/i.test(text);
  const middle = [...new Set([...terms.filter((text) => !isEnd(text)), ...(term === null ? [] : [term])])];
  const redirect = terms.find((text) => /^redirect=/i.test(text));
  const end = terms.find((text) => /^-all$/i.test(text)) ?? redirect ?? "~all";
  const value = ["v=spf1", ...(middle.length === 0 ? ["mx"] : middle), end].join(" ");
  return { name: domain, type: "TXT", value };
}
