export type SendingDomainId = string & { readonly __brand: "SendingDomainId" };

/** The public half of a key that signs, and where receivers look for it: `<selector>._domainkey.<domain>`. */
export interface DomainKey {
  readonly selector: string;
  /** As DNS has it: base64 of SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

export const findingKinds = ["dkim", "next_dkim", "spf", "dmarc", "mx", "return_path"] as const;
export type FindingKind = (typeof findingKinds)[number];

/** `missing`: nothing is there; `wrong`: what is there does harm or proves nothing; `warning`: it works, or nobody knows. */
export const findingStatuses = ["ok", "warning", "missing", "wrong"] as const;
export type FindingStatus = (typeof findingStatuses)[number];

/** A record to be put into DNS, as forms of DNS providers ask for it. */
export interface DnsRecord {
  readonly name: string;
  readonly type: "TXT" | "MX";
  readonly value: string;
}

/** What DNS says about one thing that receivers look at. */
export interface Finding {
  readonly kind: FindingKind;
  readonly status: FindingStatus;
  /** In plain words. */
  readonly message: string;
  /** Records as they stand in DNS. */
  readonly found: readonly string[];
  /** What to paste; null where only the domain's owner can know. */
  readonly record: DnsRecord | null;
}

/** A domain that an account sends from. The private keys never leave the domain layer. (product 4.5) */
export interface SendingDomain {
  readonly id: SendingDomainId;
  /** In IDNA form, lower case. */
  readonly name: string;
  readonly key: DomainKey;
  /** Waits to take the key's place. */
  readonly nextKey: DomainKey | null;
  readonly createdAt: Temporal.Instant;
  readonly createdBy: string;
  /** When DNS was last asked; null until then. */
  readonly checkedAt: Temporal.Instant | null;
  readonly findings: readonly Finding[];
  readonly version: number;
}
