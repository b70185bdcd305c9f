import type { RecipientState } from "../recipient.ts";

/** What a request for a link or a picture of a mail says of who makes it. */
export interface RequestSigns {
  readonly method: string;
  readonly userAgent: string;
  /** The program says itself that nobody looks yet. */
  readonly isPrefetch: boolean;
}

/**
 * Names that scanners, previews and programs give themselves. Gmail's image proxy is not among them: it asks when a
 * person opens the mail.
 */
const machines =
  /(?<!cu)bot[/ ;)\d-]|bot$|crawl|spider|scanner|preview|headless|phantomjs|puppeteer|playwright|curl\/|wget|python|java\/|go-http-client|okhttp|libwww|apache-httpclient|axios|node-fetch|undici|ruby|perl|barracuda|mimecast|proofpoint|ironport|trendmicro|trend micro|symantec|messagelabs|cloudmark|fireeye|trellix|sophos|zscaler|forcepoint|websense|mcafee|bitdefender|kaspersky|webroot|avast|virustotal|urlscan|safebrowsing|skypeuripreview|facebookexternalhit|yahoomailproxy/i;

/** Exactly this is what Apple's Mail Privacy Protection says, which fetches every picture whether or not anybody reads. */
const applePrivacyProxy = "Mozilla/5.0";

/** Whether a request shows by itself that a program made it. (reliability 1.3, 18) */
export function isMachineRequest({ method, userAgent, isPrefetch }: RequestSigns): boolean {
  const name = userAgent.trim();
  return method === "HEAD" || isPrefetch || name === "" || name === applePrivacyProxy || machines.test(name);
}

/** So long after the receiving server took a mail nobody has read it: what looks at it then is its scanner. Inclusive. */
const scanningSeconds = 1;

/** Whether nobody can have read the mail yet. A recipient that is *unsure* may have. */
export function isBeforeReading(
  at: Temporal.Instant,
  recipient: { readonly state: RecipientState; readonly sentAt: Temporal.Instant | null },
): boolean {
  if (recipient.sentAt === null) return recipient.state !== "unsure";
  return Temporal.Instant.compare(at, recipient.sentAt.add({ seconds: scanningSeconds })) <= 0;
}

export interface Click {
  readonly link: number;
  readonly at: Temporal.Instant;
}

/** Nobody follows so many different links in so short a time. Both bounds count. */
const burst = { links: 3, seconds: 2 } as const;

/** Those of one recipient's clicks that came in a burst over different links: a scanner tries all of them at once. */
export function clicksOfBursts<T extends Click>(clicks: readonly T[]): ReadonlySet<T> {
  const found = new Set<T>();
  for (const first of clicks) {
    const until = first.at.add({ seconds: burst.seconds });
    const near = clicks.filter(
      ({ at }) => Temporal.Instant.compare(at, first.at) >= 0 && Temporal.Instant.compare(at, until) <= 0,
    );
    if (new Set(near.map(({ link }) => link)).size >= burst.links) for (const click of near) found.add(click);
  }
  return found;
}
