import type { GroupId } from "../../target-groups/target-group.ts";

/** What became of some of an instance's recipients. People are counted once, whatever they did how often. */
export interface PeopleCounts {
  readonly recipients: number;
  /** The receiving server took it, and nothing came back. */
  readonly delivered: number;
  readonly bounced: number;
  /** Null unless opens are tracked by person. An estimate: privacy proxies open, and many programs show no pictures. */
  readonly opened: number | null;
  readonly clicked: number;
  readonly unsubscribed: number;
  readonly complained: number;
}

/** What came of an instance. `waiting` + `delivered` + the bounces + `refused` + `unsure` + `cancelled` = `recipients`. */
export interface Totals extends PeopleCounts {
  /** Not tried yet, in hand, or deferred. */
  readonly waiting: number;
  readonly bouncedBy: Readonly<Record<"hard" | "soft" | "policy" | "content" | "unknown", number>>;
  /** The sender's or the mailing's fault. */
  readonly refused: number;
  readonly unsure: number;
  readonly cancelled: number;
  /** How often, without those that programs made; null where opens aren't tracked. */
  readonly opens: number | null;
  readonly clicks: number;
  /** Made by scanners and privacy proxies, as far as that can be told. */
  readonly automatic: { readonly opens: number; readonly clicks: number };
}

/** One hour or day, in the account's zone. */
export interface Bucket {
  /** When it begins. */
  readonly at: string;
  readonly opens: number;
  readonly clicks: number;
  readonly automatic: number;
}

export interface LinkCounts {
  readonly place: number;
  readonly url: string;
  readonly label: string;
  readonly clicks: number;
  readonly people: number;
  readonly automatic: number;
}

export interface DomainCounts extends PeopleCounts {
  /** Null for all others together. */
  readonly domain: string | null;
}

export interface GroupCounts extends PeopleCounts {
  readonly groupId: GroupId;
  readonly name: string;
}

/** Every part of a report: they are counted alone, or all together and kept. */
export interface ReportParts {
  readonly totals: Totals;
  readonly hours: readonly Bucket[];
  readonly days: readonly Bucket[];
  readonly links: readonly LinkCounts[];
  readonly domains: readonly DomainCounts[];
  readonly groups: readonly GroupCounts[];
}
