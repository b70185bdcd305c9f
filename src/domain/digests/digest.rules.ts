import type { NoticeType } from "../notices/event.rules.ts";
import { cut, type LetterSection } from "../notices/letter.rules.ts";
import { headingOf, wholeNumber } from "../notices/notice.rules.ts";

/** Something with a name and a page of its own. */
export interface Named {
  readonly text: string;
  readonly path: string;
}

/** What happened in an account between two digests; of long lists the first, with their number. */
export interface DayFigures {
  readonly syncsSucceeded: number;
  readonly added: number;
  readonly removed: number;
  readonly syncsFailed: { readonly count: number; readonly first: readonly Named[] };
  /** Held still, since whenever: they wait for somebody. */
  readonly syncsHeld: { readonly count: number; readonly first: readonly Named[] };
  readonly mailingsSent: readonly Named[];
  /** On hold still. */
  readonly mailingsOnHold: readonly Named[];
  readonly unsubscribed: {
    readonly person: number;
    readonly administrator: number;
    readonly complaint: number;
  };
  readonly badEmail: number;
  readonly writebacksFailed: number;
  /** Why the AMS refuses the bridge's credentials now; null when it doesn't. */
  readonly credentialsRefused: string | null;
  readonly webhooksOff: readonly Named[];
}

/** The digest's sections for whoever wants these types; none when there is nothing to tell. What needs somebody goes first. */
export function digestSections(figures: DayFigures, wanted: ReadonlySet<NoticeType>): readonly LetterSection[] {
  return order.filter((type) => wanted.has(type)).flatMap((type) => sectionOf[type](figures));
}

const order: readonly NoticeType[] = [
  "bridge.credentials_refused",
  "sync.held",
  "mailing.on_hold",
  "sync.failed",
  "writeback.failed",
  "webhook.switched_off",
  "mailing.sent",
  "sync.succeeded",
  "subscribers.unsubscribed",
  "subscribers.bad_email",
];

const sectionOf: { readonly [Type in NoticeType]: (figures: DayFigures) => readonly LetterSection[] } = {
  "bridge.credentials_refused": ({ credentialsRefused }) =>
    credentialsRefused === null
      ? []
      : [
          {
            heading: headingOf("bridge.credentials_refused", 1),
            lines: [{ text: credentialsRefused, path: "/admin/bridge" }],
          },
        ],
  "sync.held": ({ syncsHeld }) => list("sync.held", syncsHeld.first, "/syncs", syncsHeld.count),
  "sync.failed": ({ syncsFailed }) => list("sync.failed", syncsFailed.first, "/syncs", syncsFailed.count),
  "sync.succeeded": ({ syncsSucceeded, added, removed }) =>
    numbers("sync.succeeded", syncsSucceeded, "/syncs", [
      `${wholeNumber(added)} joined target groups, ${wholeNumber(removed)} left them`,
    ]),
  "mailing.sent": ({ mailingsSent }) => list("mailing.sent", mailingsSent, "/mailings"),
  "mailing.on_hold": ({ mailingsOnHold }) => list("mailing.on_hold", mailingsOnHold, "/mailings"),
  "subscribers.unsubscribed": ({ unsubscribed: { person, administrator, complaint } }) =>
    numbers("subscribers.unsubscribed", person + administrator + complaint, "/subscribers", [
      ...(person > 0 ? [`${wholeNumber(person)} by themselves`] : []),
      ...(administrator > 0 ? [`${wholeNumber(administrator)} by an administrator`] : []),
      ...(complaint > 0 ? [`${wholeNumber(complaint)} by calling a mailing spam`] : []),
    ]),
  "subscribers.bad_email": ({ badEmail }) =>
    numbers("subscribers.bad_email", badEmail, "/subscribers", ["Mail to them came back for good"]),
  "writeback.failed": ({ writebacksFailed }) =>
    numbers("writeback.failed", writebacksFailed, "/admin/bridge", ["They can be tried again"]),
  "webhook.switched_off": ({ webhooksOff }) => list("webhook.switched_off", webhooksOff, "/admin/webhooks"),
};

function list(type: NoticeType, first: readonly Named[], path: string, count = first.length): readonly LetterSection[] {
  return count === 0 ? [] : [{ heading: headingOf(type, count), lines: cut(first, path, count) }];
}

function numbers(type: NoticeType, count: number, path: string, words: readonly string[]): readonly LetterSection[] {
  return count === 0 ? [] : [{ heading: headingOf(type, count), lines: words.map((text) => ({ text, path })) }];
}

/** A digest tells of so many days at most: after a longer stop, of the last ones. */
export const mostDays = 7;

/**
 * Whether the account's digest is due: its hour came on a day of its own calendar that had none yet.
 * @param due the latest instant at which the hour came
 * @param until up to when digests have told everything; null before the first, which begins by waiting for the next hour
 */
export function isDigestDue(due: Temporal.ZonedDateTime, until: Temporal.Instant | null): boolean {
  if (until === null) return false;
  const lastDay = until.toZonedDateTimeISO(due.timeZoneId).toPlainDate();
  return Temporal.PlainDate.compare(due.toPlainDate(), lastDay) > 0;
}
